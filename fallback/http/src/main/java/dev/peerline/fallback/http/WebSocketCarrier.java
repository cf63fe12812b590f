package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;

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
    private static final System.Logger LOGGER = System.getLogger(WebSocketCarrier.class.getName());

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

    /** Nothing is written any more. */
    private volatile boolean silent;

    /** Since when a packet is on its way; 0 for none. */
    private volatile long writingMillis;

    /** Only the pump's: what nothing follows. */
    private boolean lastWritten;

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
        Ending refused = link.draining() ? Ending.move(link.returnMillis()) : up.open(openedMillis);
        if (refused != null) end(refused);
        channel.resumeReceives();
    }

    /** A whole message came. */
    void received(Bytes packet) {
        if (ending.get() != null) return;
        long now = link.nowMillis();
        heardMillis = now;
        Ending why = take(packet, now);
        if (why != null) {
            end(why);
            return;
        }
        // Ended by another while it was greeted: then its session has not heard of it yet.
        if (ending.get() != null) left();
        pump.wake();
        awaitAcknowledgement();
        long pause = up.pauseMillis(packet.length(), now);
        if (pause > 0) {
            channel.suspendReceives();
            link.timers().later(channel::resumeReceives, pause);
        }
    }

    /** A fault of ours ends this carrier and no other. */
    private @Nullable Ending take(Bytes packet, long now) {
        try {
            return up.receive(packet, now);
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=packet-failed", fault);
            return Ending.because(ErrorCode.INTERNAL, "The server failed at this packet.");
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
        ErrorCode code = why.code();
        if (code != null) link.metrics().refused(code);
        left();
        pump.wake();
    }

    /** The client closed: nothing more is written, and nothing that comes is taken. */
    void closedByClient() {
        silent = true;
        end(Ending.DONE);
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
        if (!silent) awaitAcknowledgement();
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
        if (closeSent || silent) return null;
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
            if (why != null) reader.end(why.last());
            Bytes packet = reader.next(link.nowMillis());
            if (reader.takeGap()) link.timers().later(this::gapTold, 0);
            return packet;
        }
        if (why == null || why.last() == null || lastWritten) return null;
        lastWritten = true;
        return why.last().encode();
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
        broken();
    }

    /**
     * Writing failed. Undertow may hold the channel's lock when it says so, as in {@link
     * #complete}: what leads on to other channels is left to the timer thread.
     */
    void broken() {
        silent = true;
        link.timers().later(this::abort, 0);
    }

    private void gapTold() {
        Session session = up.session();
        if (session != null) session.gapTold();
    }

    private void closed() {
        silent = true;
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
