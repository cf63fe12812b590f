package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.carrier.Carrier;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Keeps one carrier under the session: connects, waits with full jitter between attempts, and
 * replaces one that fell silent by another beside it. Time and chance are parameters. Not
 * thread-safe.
 */
final class Uplink {
    private static final long NEVER = Long.MAX_VALUE;

    /** How long a carrier may take to open: longer each time that one hung, up to the most. */
    private static final long OPENING_NANOS = Duration.ofSeconds(3).toNanos();

    private static final long MAX_OPENING_NANOS = Duration.ofSeconds(15).toNanos();

    /** The first wait between attempts, doubled with each, and the longest. */
    private static final long BACKOFF_NANOS = Duration.ofMillis(250).toNanos();

    private static final long MAX_BACKOFF_NANOS = Duration.ofSeconds(10).toNanos();

    /** A server that speaks is there: it is tried again within 500 ms. */
    private static final int HEARD_ATTEMPTS = 1;

    /** A carrier that spoke and lived so long was a success. */
    private static final long LIVED_NANOS = Duration.ofSeconds(5).toNanos();

    /** How long the server may be silent while it owes an answer. */
    private static final long PATIENCE_NANOS = Duration.ofSeconds(1).toNanos();

    /** What a carrier may hold before the session keeps the rest, and when to look again. */
    private static final int MAX_BUFFERED = 1 << 20;

    private static final long DRAIN_NANOS = Duration.ofMillis(20).toNanos();

    /** Of the close codes that say what was wrong, those that another attempt may mend. */
    private static final Set<Integer> MENDED = Set.of(4408, 4429);

    private static final int FIRST_FINAL_CODE = 4400;

    private final Setup setup;
    private int attempts;
    private long generation;
    private @Nullable Attempt carrier;
    private @Nullable Attempt next;
    private long openedAt;
    private boolean heard;
    private long dialledAt;
    private long patienceNanos = PATIENCE_NANOS;

    /** No attempt before this time. */
    private long notBefore;

    /** How many openings in a row did not end. */
    private int hung;

    private boolean replace;
    private boolean stopped;

    Uplink(Setup setup) {
        this.setup = setup;
        notBefore = setup.clock().getAsLong();
    }

    /** What it works with. */
    record Setup(
            ClientSession session,
            Function<Carrier.Events, Carrier> connect,
            LongSupplier clock,
            RandomGenerator random,
            Owner owner) {}

    /** Who is told. */
    interface Owner {
        /** There is something to send, to read, or to wait for. */
        void changed();

        /** A carrier ended without a word of the server. */
        void failed(PeerlineException why);
    }

    /** Rises whenever another carrier, or none, takes the place of the last. */
    long generation() {
        return generation;
    }

    boolean open() {
        return carrier != null;
    }

    long bufferedBytes() {
        return carrier == null ? 0 : carrier.bufferedBytes();
    }

    /** No attempt for so long, jitter added; with {@code replaces} the present carrier will end. */
    void defer(long nanos, boolean replaces) {
        long wait = nanos + (long) (nanos * setup.random().nextDouble() / 2);
        notBefore = Math.max(notBefore, setup.clock().getAsLong() + wait);
        replace |= replaces;
    }

    /** No attempt before {@link #retry}. */
    void drop() {
        notBefore = NEVER;
        if (carrier != null) carrier.close();
        if (next != null) next.close();
        carrier = null;
        next = null;
        generation++;
        setup.session().closed();
    }

    /** After {@link #drop}: an attempt at once. */
    void retry() {
        if (notBefore == NEVER) notBefore = setup.clock().getAsLong();
    }

    void stop() {
        stopped = true;
        drop();
    }

    void advance(long now) {
        if (stopped) return;
        if (next != null && now >= dialledAt + openingNanos()) {
            next.close();
            next = null;
            hung++;
            backOff(now);
        }
        if (next == null && now >= notBefore && (carrier == null || replace || silent(now))) {
            dial(now);
        }
    }

    /** When to call {@link #advance} again, at the latest. */
    long deadlineNanos(long now) {
        if (stopped) return NEVER;
        if (next != null) return dialledAt + openingNanos();
        if (carrier == null || replace) return notBefore;
        long silent = setup.session().silentForNanos(now + 1);
        long silence = silent == 0 ? NEVER : Math.max(now + patienceNanos - silent, notBefore);
        return Math.min(silence, bufferedBytes() > MAX_BUFFERED ? now + DRAIN_NANOS : NEVER);
    }

    /** Hands packets to the carrier while it takes them; tells whether there were any. */
    boolean transmit(long now) {
        boolean any = false;
        while (carrier != null && carrier.bufferedBytes() <= MAX_BUFFERED) {
            Bytes packet = setup.session().transmit(now);
            if (packet == null) break;
            carrier.send(packet);
            any = true;
        }
        return any;
    }

    /** Measured round trip to the server. */
    void measured(long rttNanos) {
        patienceNanos = Math.max(PATIENCE_NANOS, 4 * rttNanos);
    }

    /** Whether the server owes an answer for longer than it should. */
    boolean silent(long now) {
        return setup.session().silentForNanos(now + 1) >= patienceNanos;
    }

    private long openingNanos() {
        return Math.min(MAX_OPENING_NANOS, OPENING_NANOS << Math.min(hung, 8));
    }

    private void dial(long now) {
        dialledAt = now;
        replace = false;
        // One that stays silent is replaced by ever fewer attempts.
        if (carrier != null) backOff(now);
        Attempt attempt = new Attempt();
        next = attempt;
        attempt.connect();
    }

    /** A carrier, from the first try to its end. */
    private final class Attempt implements Carrier.Events {
        private @Nullable Carrier on;

        void connect() {
            on = setup.connect().apply(this);
        }

        long bufferedBytes() {
            return on == null ? 0 : on.bufferedBytes();
        }

        void send(Bytes packet) {
            if (on != null) on.send(packet);
        }

        void close() {
            if (on != null) on.close();
        }

        @Override
        public void opened() {
            if (this != next) return;
            if (carrier != null) {
                setup.session().closed();
                carrier.close();
            }
            generation++;
            carrier = this;
            next = null;
            hung = 0;
            heard = false;
            openedAt = setup.clock().getAsLong();
            setup.session().open(openedAt);
            setup.owner().changed();
        }

        @Override
        public void packet(Bytes packet) {
            if (this != carrier) return;
            heard = true;
            attempts = Math.min(attempts, HEARD_ATTEMPTS);
            setup.session().receive(packet, setup.clock().getAsLong());
            setup.owner().changed();
        }

        @Override
        public void closed(int code, String reason) {
            long now = setup.clock().getAsLong();
            if (this == carrier) {
                carrier = null;
                generation++;
                if (heard && now - openedAt >= LIVED_NANOS) attempts = 0;
                setup.session().closed();
            } else if (this == next) {
                next = null;
            } else {
                return;
            }
            backOff(now);
            setup.owner().failed(failure(code, reason));
            setup.owner().changed();
        }
    }

    private static PeerlineException failure(int code, String reason) {
        boolean retriable = code < FIRST_FINAL_CODE || MENDED.contains(code);
        String why = code + (reason.isEmpty() ? "" : ", " + reason);
        return new PeerlineException(
                retriable ? "UNREACHABLE" : "INTERNAL",
                "The connection ended (" + why + ")",
                retriable,
                retriable ? "Is the server running, and is this its address?" : "");
    }

    /** Full jitter: the next attempt at any time up to a bound that doubles. */
    private void backOff(long now) {
        long most = Math.min(MAX_BACKOFF_NANOS, BACKOFF_NANOS << Math.min(attempts++, 16));
        notBefore = Math.max(notBefore, now + (long) (setup.random().nextDouble() * most));
    }
}
