package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One WebSocket. It is read on its I/O thread; it is written by whoever appended to its mailbox,
 * one packet at a time. Thread-safe; it has no lock of its own.
 */
final class WebSocketCarrier implements Carrier, Pump.Pipe, WebSocketCallback<Void> {
    /** From the last frame until a socket whose client does not close is closed by force. */
    private static final long CLOSE_MILLIS = 3_000;

    private final LinkHandler link;
    private final WebSocketChannel channel;
    private final Uplink up;
    private final Pump pump = new Pump(this);
    private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
    private final AtomicBoolean ackQueued = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final long openedMillis;

    private volatile long heardMillis;
    private volatile long endedMillis;

    /** Since when a packet is on its way; 0 for none. */
    private volatile long writingMillis;

    /** Only the pump's turn: what was written last, so that nothing follows it. */
    private boolean refusalWritten;

    private boolean closeSent;

    WebSocketCarrier(LinkHandler link, Visitor visitor, WebSocketChannel channel) {
        this.link = link;
        this.channel = channel;
        openedMillis = link.nowMillis();
        heardMillis = openedMillis;
        up = new Uplink(link, visitor, this, openedMillis);
    }

    /** Begins to read, unless the door stays shut. */
    void open() {
        channel.addCloseTask(_ -> closed());
        channel.getReceiveSetter().set(new PacketListener(this, link.limits().maxPacketBytes()));
        Ending refused = link.draining() ? Ending.GOING_AWAY : up.open(openedMillis);
        if (refused != null) end(refused);
        channel.resumeReceives();
    }

    /** A whole message came. */
    void received(Bytes packet) {
        if (ending.get() != null) return;
        long now = link.nowMillis();
        heardMillis = now;
        Ending why = up.receive(packet, now);
        if (why != null) {
            end(why);
            return;
        }
        // Ended by another while it was greeted: then the session did not know yet.
        if (ending.get() != null) left();
        pump.wake();
        awaitAcknowledgement();
        long pause = up.pauseMillis(packet.length(), now);
        if (pause > 0) {
            channel.suspendReceives();
            link.timers().later(channel::resumeReceives, pause);
        }
    }

    @Override
    public LinkLimits limits() {
        return link.limits();
    }

    @Override
    public void wake() {
        pump.wake();
    }

    @Override
    public void end(Ending why) {
        if (!ending.compareAndSet(null, why)) return;
        endedMillis = Math.max(1, link.nowMillis());
        Refusal refusal = why.refusal();
        if (refusal != null) link.metrics().refused(refusal.knownCode());
        DownReader reader = up.reader();
        if (reader != null) reader.end(refusal);
        left();
        pump.wake();
    }

    /** Tells the client to go to another server, or to this one when it is back. */
    void move(long retryAfterMillis) {
        DownReader reader = up.reader();
        if (reader != null) reader.control(new DownFrame.Move(retryAfterMillis));
        end(Ending.GOING_AWAY);
    }

    /** What time alone brings about. */
    void check(long now) {
        LinkLimits limits = link.limits();
        long since = writingMillis;
        boolean stuck = since > 0 && now - since > limits.writeTimeout().toMillis();
        boolean lingers = endedMillis > 0 && now - endedMillis > CLOSE_MILLIS;
        if (stuck && ending.get() == null) link.metrics().refused(ErrorCode.SLOW_READER);
        if (stuck || lingers) {
            abort();
            return;
        }
        Session session = up.session();
        if (session == null) {
            if (now - openedMillis >= limits.helloTimeout().toMillis()) {
                end(Ending.because(ErrorCode.UNAUTHORIZED, "No HELLO came in time."));
            }
        } else if (now - heardMillis > 3 * limits.ping().toMillis()) {
            end(Ending.because(ErrorCode.SILENT, "Nothing was heard for three pings."));
        } else {
            Ending why = session.check(now);
            if (why != null) end(why);
        }
    }

    /** Ends without another word. */
    void abort() {
        IoUtils.safeClose(channel);
        closed();
    }

    /** The acknowledgement that was awaited may be due. */
    void acknowledge() {
        ackQueued.set(false);
        pump.wake();
        awaitAcknowledgement();
    }

    private void awaitAcknowledgement() {
        DownReader reader = up.reader();
        if (reader == null || reader.deadlineMillis() == Long.MAX_VALUE) return;
        if (ackQueued.compareAndSet(false, true)) {
            link.timers().acknowledge(this, DownReader.ACK_DELAY_MILLIS);
        }
    }

    @Override
    public @Nullable Bytes next() {
        if (closeSent || closed.get()) return null;
        // Read before the queue is: what was queued before the end goes out before the close.
        Ending why = ending.get();
        Bytes packet = nextPacket(why);
        if (packet != null) return packet;
        if (why != null) {
            closeSent = true;
            WebSockets.sendClose(new CloseMessage(why.closeCode(), ""), channel, null);
        }
        return null;
    }

    private @Nullable Bytes nextPacket(@Nullable Ending why) {
        DownReader reader = up.reader();
        if (reader != null) {
            Bytes packet = reader.next(link.nowMillis());
            Session session = up.session();
            if (session != null && reader.takeGap()) session.gapTold();
            return packet;
        }
        if (why == null || why.refusal() == null || refusalWritten) return null;
        refusalWritten = true;
        return why.refusal().encode();
    }

    @Override
    public void write(Bytes packet) {
        writingMillis = link.nowMillis();
        link.metrics().count(Counter.PACKETS_DOWN, 1);
        link.metrics().count(Counter.BYTES_DOWN, packet.length());
        WebSockets.sendBinary(packet.buffer(), channel, this);
    }

    @Override
    public void complete(WebSocketChannel itself, Void context) {
        writingMillis = 0;
        pump.written();
    }

    @Override
    public void onError(WebSocketChannel itself, Void context, Throwable problem) {
        abort();
    }

    void closed() {
        if (!closed.compareAndSet(false, true)) return;
        left();
        link.closed(this, up.limitsKey());
    }

    /** The session need not wait for the socket: who said the end is gone from now. */
    private void left() {
        Session session = up.session();
        if (session != null) session.closed(link.nowMillis());
    }
}
