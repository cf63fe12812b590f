package dev.peerline.fallback.http;

import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;

import io.undertow.websockets.core.CloseMessage;
import io.undertow.websockets.core.WebSocketCallback;
import io.undertow.websockets.core.WebSocketChannel;
import io.undertow.websockets.core.WebSockets;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One WebSocket. It is read on its I/O thread; it is written by whoever appended to its mailbox,
 * one packet at a time. Thread-safe; it has no lock of its own.
 */
final class WebSocketCarrier extends ReadingCarrier implements WebSocketCallback<Void> {
    private static final System.Logger LOGGER = System.getLogger(WebSocketCarrier.class.getName());

    private final WebSocketChannel channel;
    private final Uplink up;
    private final AtomicBoolean ackQueued = new AtomicBoolean();
    private final AtomicBoolean wakeQueued = new AtomicBoolean();

    private volatile long heardMillis;

    WebSocketCarrier(LinkHandler link, Visitor visitor, WebSocketChannel channel) {
        super(link, visitor, Runnable::run);
        this.channel = channel;
        heardMillis = openedMillis();
        up = new Uplink(link, door(), this::greet, openedMillis());
    }

    @Override
    public CarrierKind kind() {
        return CarrierKind.WEBSOCKET;
    }

    /** Begins to read, unless the door stays shut. */
    void open() {
        channel.addCloseTask(_ -> closed());
        channel.getReceiveSetter().set(new PacketListener(this, limits().maxPacketBytes()));
        Ending refused =
                link().draining()
                        ? Ending.move(link().returnMillis())
                        : door().connect(openedMillis());
        if (refused != null) end(refused);
        channel.resumeReceives();
    }

    private @Nullable Ending greet(Hello hello, long nowMillis) {
        return goesDark(hello, nowMillis) ? null : door().greet(hello, nowMillis);
    }

    /** A whole message came. */
    void received(Bytes packet) {
        if (ended()) return;
        long now = link().nowMillis();
        heardMillis = now;
        Ending why = take(packet, now);
        if (why != null) {
            end(why);
            return;
        }
        // Ended by another while it was greeted: then its session has not heard of it yet.
        if (ended()) left();
        wake();
        awaitAcknowledgement();
        long pause = up.pauseMillis(packet.length(), now);
        if (pause > 0) {
            channel.suspendReceives();
            link().timers().later(this::readOn, pause);
        }
    }

    private void readOn() {
        if (!isDark()) channel.resumeReceives();
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
    @Nullable Ending overdue(long now) {
        Session session = door().session();
        if (session == null && now - openedMillis() >= limits().helloTimeout().toMillis()) {
            return Ending.because(ErrorCode.SILENT, "No HELLO came in time.");
        }
        boolean quiet = session != null && now - heardMillis > 3 * limits().ping().toMillis();
        return quiet
                ? Ending.because(ErrorCode.SILENT, "Nothing was heard for three pings.")
                : null;
    }

    @Override
    public void wakeSoon() {
        if (!wakeQueued.compareAndSet(false, true)) return;
        try {
            channel.getIoThread().execute(this::wakeNow);
        } catch (RejectedExecutionException _) {
            // The server is closed, and every connection with it.
        }
    }

    private void wakeNow() {
        wakeQueued.set(false);
        wake();
    }

    @Override
    public void taken() {
        awaitAcknowledgement();
    }

    /** The acknowledgement that was awaited may be due. */
    void acknowledge() {
        ackQueued.set(false);
        wake();
        if (!silent()) awaitAcknowledgement();
    }

    private void awaitAcknowledgement() {
        DownReader reader = door().reader();
        if (reader == null || reader.deadlineMillis() == Long.MAX_VALUE) return;
        if (ackQueued.compareAndSet(false, true)) {
            link().timers().acknowledge(this, DownReader.ACK_DELAY_MILLIS);
        }
    }

    @Override
    void send(Bytes packet) {
        WebSockets.sendBinary(packet.buffer(), channel, this);
    }

    @Override
    void hangUp(Ending why) {
        WebSockets.sendClose(new CloseMessage(why.closeCode(), ""), channel, null);
    }

    @Override
    void cut() {
        IoUtils.safeClose(channel);
    }

    @Override
    void pauseReading(boolean pause) {
        if (pause) {
            channel.suspendReceives();
        } else {
            heardMillis = link().nowMillis();
            channel.resumeReceives();
        }
    }

    /** Undertow may hold the channel's lock here, as in {@link #onError}. */
    @Override
    public void complete(WebSocketChannel itself, Void context) {
        sent();
    }

    @Override
    public void onError(WebSocketChannel itself, Void context, Throwable problem) {
        broken();
    }
}
