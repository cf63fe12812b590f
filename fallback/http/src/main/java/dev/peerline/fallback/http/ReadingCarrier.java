package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What all carriers that read a mailbox have in common: one packet after another, why they end and
 * what is said last, how long anything may take. Each kind adds how it writes, and how it hangs up.
 * Thread-safe; it has no lock of its own.
 */
abstract class ReadingCarrier implements Carrier, Pump.Pipe {
    /** From the last frame until a client that does not close is closed by force. */
    private static final long CLOSE_MILLIS = 3_000;

    private final LinkHandler link;
    private final Doorway door;
    private final Pump pump;
    private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final long openedMillis;

    /** Whose it is, since its {@code HELLO}. */
    private volatile @Nullable Id id;

    private volatile long endedMillis;

    /** Nothing is written any more. */
    private volatile boolean silent;

    /** Until when nothing is written or read, for a fault that was asked for; 0 for no fault. */
    private volatile long darkUntilMillis;

    /** Since when a packet is on its way; 0 for none. */
    private volatile long writingMillis;

    /** Only the pump's: what nothing follows. */
    private boolean lastWritten;

    private boolean hungUp;

    /**
     * @param writing where packets are made and written
     */
    ReadingCarrier(LinkHandler link, Visitor visitor, Executor writing) {
        this.link = link;
        door = new Doorway(link, visitor, this);
        pump = new Pump(this, writing);
        openedMillis = link.nowMillis();
    }

    /** Writes a packet, and says {@link #sent} when it has left, or {@link #broken}. */
    abstract void send(Bytes packet);

    /** Nothing follows: tells the client so. */
    abstract void hangUp(Ending why);

    /** Closes without another word. */
    abstract void cut();

    /** Why it ends for the passing of time, by the rules of its kind; null when it does not. */
    abstract @Nullable Ending overdue(long nowMillis);

    /** Reads nothing from its client, or reads on. */
    abstract void pauseReading(boolean pause);

    /** Something to write that is no packet, when there is none; null for nothing. */
    @Nullable Bytes beside(long nowMillis) {
        return null;
    }

    final LinkHandler link() {
        return link;
    }

    final Doorway door() {
        return door;
    }

    final long openedMillis() {
        return openedMillis;
    }

    final boolean ended() {
        return ending.get() != null;
    }

    final boolean silent() {
        return silent;
    }

    @Override
    public final LinkLimits limits() {
        return link.limits();
    }

    @Override
    public final boolean takesOffers() {
        return link.takesOffers();
    }

    @Override
    public final void wake() {
        pump.wake();
    }

    @Override
    public final void end(Ending why) {
        if (!ending.compareAndSet(null, why)) return;
        endedMillis = Math.max(1, link.nowMillis());
        ErrorCode code = why.code();
        if (code != null) link.metrics().refused(code);
        left();
        pump.wake();
    }

    /** The client closed: nothing more is written, and nothing that comes is taken. */
    final void closedByClient() {
        silent = true;
        end(Ending.DONE);
    }

    /** What time alone brings about. */
    final void check(long now) {
        if (isDark(now)) return;
        long since = writingMillis;
        boolean stuck = since > 0 && now - since > link.limits().writeTimeout().toMillis();
        boolean lingers = endedMillis > 0 && now - endedMillis > CLOSE_MILLIS;
        if (stuck && !ended()) link.metrics().refused(ErrorCode.SLOW_READER);
        if (stuck || lingers) {
            abort();
            return;
        }
        Ending why = overdue(now);
        Session session = door.session();
        if (why == null && session != null) why = session.check(now);
        if (why != null) end(why);
    }

    /** Ends without another word. */
    final void abort() {
        cut();
        closed();
    }

    /** Whether a fault that was asked for has it go dark as soon as its client is known. */
    final boolean goesDark(Hello hello, long nowMillis) {
        id = hello.id();
        long until = link.faults().darkUntil(hello.id(), kind(), nowMillis);
        if (until == 0) return false;
        darken(until);
        return true;
    }

    /** Whether it is known to be of this id. */
    final boolean isOf(Id somebody) {
        return somebody.equals(id);
    }

    final boolean isDark() {
        return darkUntilMillis > 0;
    }

    /** From now on as if the network took everything and gave nothing. */
    final void darken(long untilMillis) {
        darkUntilMillis = untilMillis;
        pauseReading(true);
    }

    /** As if the network was there again; who has no answer by now gets none. */
    final void lighten() {
        if (darkUntilMillis == 0) return;
        darkUntilMillis = 0;
        if (door.session() == null) {
            abort();
            return;
        }
        pauseReading(false);
        pump.wake();
    }

    private boolean isDark(long now) {
        long until = darkUntilMillis;
        if (until == 0) return false;
        if (now >= until) lighten();
        return true;
    }

    @Override
    public final @Nullable Bytes next() {
        if (hungUp || silent || darkUntilMillis > 0) return null;
        Ending why = ending.get();
        long now = link.nowMillis();
        Bytes packet = nextPacket(why, now);
        if (packet == null && why == null) packet = beside(now);
        if (packet == null && why != null) {
            hungUp = true;
            hangUp(why);
        }
        return packet;
    }

    private @Nullable Bytes nextPacket(@Nullable Ending why, long now) {
        DownReader reader = door.reader();
        if (reader != null) {
            if (why != null) reader.end(why.last());
            Bytes packet = reader.next(now);
            if (reader.takeGap()) link.timers().later(this::gapTold, 0);
            if (packet != null) count(packet, reader);
            return packet;
        }
        if (why == null || why.last() == null || lastWritten) return null;
        lastWritten = true;
        Bytes packet = why.last().encode();
        count(packet);
        return packet;
    }

    private void count(Bytes packet, DownReader reader) {
        count(packet);
        long messages = reader.takeDelivered();
        long gaps = reader.takeTopicGaps();
        Session session = door.session();
        if (session != null && messages + gaps > 0) session.delivered(kind(), messages, gaps);
    }

    private void count(Bytes packet) {
        link.metrics().count(Counter.PACKETS_DOWN, 1);
        link.metrics().count(Counter.BYTES_DOWN, packet.length());
    }

    @Override
    public final void write(Bytes packet) {
        writingMillis = link.nowMillis();
        send(packet);
    }

    /** Only for the pump: nothing follows what is written now. */
    final void lastPacket() {
        hungUp = true;
    }

    /** A packet has left. */
    final void sent() {
        writingMillis = 0;
        pump.written();
    }

    /** Writing failed. What leads on to other channels is left to the timer thread. */
    final void broken() {
        silent = true;
        link.timers().later(this::abort, 0);
    }

    private void gapTold() {
        Session session = door.session();
        if (session != null) session.gapTold();
    }

    /** The socket or the request is over. */
    final void closed() {
        silent = true;
        if (!closed.compareAndSet(false, true)) return;
        left();
        link.closed(this);
    }

    /** The session need not wait for the socket: who said the end is gone from now. */
    final void left() {
        Session session = door.session();
        if (session != null) session.closed(link.nowMillis());
    }
}
