package dev.peerline.fallback.http;

import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What carries packets both ways: it is read by one thread at a time, and written by whoever
 * appended to its mailbox, one packet at a time. Thread-safe; it has no lock of its own.
 */
abstract class DuplexCarrier extends ReadingCarrier {
    private static final System.Logger LOGGER = System.getLogger(DuplexCarrier.class.getName());

    private final Uplink up;
    private final AtomicBoolean ackQueued = new AtomicBoolean();
    private final AtomicBoolean wakeQueued = new AtomicBoolean();

    private volatile long heardMillis;

    DuplexCarrier(LinkHandler link, Visitor visitor) {
        super(link, visitor, Runnable::run);
        heardMillis = openedMillis();
        up = new Uplink(link, door(), this::greet, openedMillis());
    }

    /** Runs it soon, and not on the thread that asks. */
    abstract void hand(Runnable task);

    /** Reads no more, or reads on. */
    abstract void reading(boolean on);

    /** Takes the first frame; returns why the carrier ends. */
    @Nullable Ending greet(Hello hello, long nowMillis) {
        return goesDark(hello, nowMillis) ? null : door().greet(hello, nowMillis);
    }

    /** A whole message came. */
    final void received(Bytes packet) {
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
            reading(false);
            link().timers().later(this::readOn, pause);
        }
    }

    private void readOn() {
        if (!isDark()) reading(true);
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

    /** No message is larger than a packet may be. */
    final void tooLarge() {
        end(
                Ending.because(
                        ErrorCode.MESSAGE_TOO_LARGE,
                        "A packet has at most " + limits().maxPacketBytes() + " bytes."));
    }

    /** No message is anything but a packet. */
    final void noPacket() {
        end(Ending.because(ErrorCode.BAD_FRAME, "Packets are binary messages."));
    }

    @Override
    final @Nullable Ending overdue(long now) {
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
    public final void wakeSoon() {
        if (!wakeQueued.compareAndSet(false, true)) return;
        try {
            hand(this::wakeNow);
        } catch (RejectedExecutionException _) {
            // The server is closed, and every connection with it.
        }
    }

    private void wakeNow() {
        wakeQueued.set(false);
        wake();
    }

    @Override
    public final void taken() {
        awaitAcknowledgement();
    }

    /** The acknowledgement that was awaited may be due. */
    final void acknowledge() {
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
    final void pauseReading(boolean pause) {
        if (!pause) heardMillis = link().nowMillis();
        reading(!pause);
    }
}
