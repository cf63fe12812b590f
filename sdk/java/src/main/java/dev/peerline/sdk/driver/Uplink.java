package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierAction;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.ladder.CarrierLadder;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.carrier.Carrier;
import dev.peerline.sdk.carrier.Carriers;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Keeps a carrier under the session: opens and closes what the ladder says, and greets on each. Not
 * thread-safe.
 */
final class Uplink {
    private static final long NEVER = Long.MAX_VALUE;
    private static final double NANOS_PER_MILLI = 1e6;

    /** Of the close codes that say what was wrong, those that another attempt may mend. */
    private static final Set<Integer> MENDED = Set.of(4408, 4429);

    private static final int FIRST_FINAL_CODE = 4400;

    /**
     * A poll waits for so long, or some round trips, while another greets; one that hangs must not
     * keep it from asking.
     */
    private static final long COURTESY_NANOS = Duration.ofMillis(300).toNanos();

    private static final int COURTESY_ROUND_TRIPS = 4;

    private final ClientSession session;
    private final CarrierLadder ladder;
    private final Carriers carriers;
    private final LongSupplier clock;
    private final Owner owner;
    private final long originNanos;
    private final Map<Integer, Attempt> attempts = new HashMap<>();
    private @Nullable Attempt present;

    /** The server ended the present carrier for one whose welcome is on its way. */
    private boolean between;

    private @Nullable Rung kind;
    private long rttNanos;

    /** When the session lost its carrier; for how long the last move was silent. */
    private long lostAtNanos = NEVER;

    private long stalledNanos;
    private boolean stopped = true;

    Uplink(
            ClientSession session,
            CarrierLadder ladder,
            Carriers carriers,
            LongSupplier clock,
            Owner owner) {
        this.session = session;
        this.ladder = ladder;
        this.carriers = carriers;
        this.clock = clock;
        this.owner = owner;
        originNanos = clock.getAsLong();
    }

    /** Who is told. */
    interface Owner {
        /** There is something to send, to read, or to wait for. */
        void changed();

        /** A carrier ended without a word of the server. */
        void failed(PeerlineException why);

        /** The session is on another carrier now. */
        void moved(Move move);

        /** What worked on this network, for the next start. */
        void works(Rung rung);
    }

    /**
     * From one carrier to another.
     *
     * @param frames that are sent again
     * @param stalledNanos for how long nothing had come that was owed, or there was no carrier
     */
    record Move(String reason, long frames, long stalledNanos) {}

    /** Whether there is a carrier that was welcome, or will be at once. */
    boolean open() {
        return present != null || between;
    }

    /** Whether the present carrier takes a packet. */
    boolean ready() {
        return present != null && present.ready();
    }

    /** What the session runs on, or ran on last. */
    @Nullable Rung kind() {
        return kind;
    }

    long bufferedBytes() {
        return present == null ? 0 : present.bufferedBytes();
    }

    void start() {
        stopped = false;
        ladder.start(millis(clock.getAsLong()));
    }

    /** No attempt for so long, jitter added; with {@code replaces} the present carrier will end. */
    void defer(long nanos, boolean replaces) {
        ladder.defer(millis(clock.getAsLong()), nanos / NANOS_PER_MILLI, replaces);
    }

    /** Nothing is tried until {@link #start}. */
    void stop() {
        stopped = true;
        between = false;
        ladder.stop();
        act();
    }

    boolean stopped() {
        return stopped;
    }

    void advance(long now) {
        if (stopped) return;
        ladder.observe(millis(now), session.silentForNanos(now + 1) / NANOS_PER_MILLI);
        act();
    }

    /** When to call {@link #advance} again, at the latest. */
    long deadlineNanos() {
        double at = ladder.deadline();
        if (stopped || at == Double.POSITIVE_INFINITY) return NEVER;
        return originNanos + (long) Math.ceil(at * NANOS_PER_MILLI);
    }

    /** Hands packets to the carrier while it takes them; tells whether there were any. */
    boolean transmit(long now) {
        boolean any = false;
        for (Attempt on; (on = present) != null && on.ready(); any = true) {
            Bytes packet = session.transmit(on.way, now);
            if (packet == null) break;
            on.send(packet);
        }
        return any;
    }

    void measured(long nanos) {
        rttNanos = nanos;
        ladder.measured(nanos / NANOS_PER_MILLI);
    }

    /** For how long nothing has come that is owed, or no carrier was there. */
    private long silence(long now) {
        if (session.present() > 0) return session.silentForNanos(now);
        return lostAtNanos == NEVER ? 0 : now - lostAtNanos;
    }

    /** The network is not what it was. */
    void news() {
        ladder.news(millis(clock.getAsLong()));
        act();
    }

    /** Whether the server owes an answer for longer than it should. */
    boolean silent(long now) {
        return session.silentForNanos(now + 1) / NANOS_PER_MILLI >= ladder.patienceMillis();
    }

    private double millis(long nanos) {
        return (nanos - originNanos) / NANOS_PER_MILLI;
    }

    private void act() {
        for (CarrierAction action; (action = ladder.next()) != null; ) {
            switch (action) {
                case CarrierAction.Dial(int dial, Rung rung) -> {
                    Attempt attempt = new Attempt(dial, rung);
                    attempts.put(dial, attempt);
                    attempt.connect();
                }
                case CarrierAction.Close(int dial) -> {
                    Attempt attempt = attempts.get(dial);
                    if (attempt != null) attempt.close();
                }
                case CarrierAction.Ping _ -> session.ping();
                case CarrierAction.Move(Rung _, Rung to, String reason) -> {
                    kind = to;
                    owner.moved(new Move(reason, session.framesAgain(), stalledNanos));
                }
                case CarrierAction.Remember(Rung rung) -> owner.works(rung);
            }
        }
    }

    /** A carrier, from the first try to its end. */
    private final class Attempt implements Carrier.Events {
        private final int dial;
        private final Rung rung;
        private @Nullable Carrier on;

        /** The session's number for it; 0 for a duplex one that is not open yet. */
        private int way;

        private long atNanos;
        private boolean welcome;

        /** What the server refused it for. */
        private @Nullable ErrorCode refusal;

        Attempt(int dial, Rung rung) {
            this.dial = dial;
            this.rung = rung;
        }

        void connect() {
            atNanos = clock.getAsLong();
            Carrier fresh = carriers.open(rung, this);
            on = fresh;
            if (!rung.isDuplex()) way = session.open(fresh.way(), atNanos);
        }

        boolean ready() {
            return on != null && on.ready();
        }

        long bufferedBytes() {
            return on == null ? 0 : on.bufferedBytes();
        }

        void send(Bytes packet) {
            if (on != null) on.send(packet);
        }

        void close() {
            forget();
            if (on != null) on.close();
        }

        private void forget() {
            attempts.remove(dial, this);
            session.closed(way);
            if (present == this) present = null;
        }

        private boolean gone() {
            return attempts.get(dial) != this;
        }

        @Override
        public Bytes greeting() {
            long now = clock.getAsLong();
            if (way == 0) {
                atNanos = now;
                way = session.open(ClientSession.Way.SOCKET, now);
            }
            return session.greet(way, now);
        }

        @Override
        public Bytes proof() {
            long now = clock.getAsLong();
            int nobody = session.open(ClientSession.Way.REQUESTS, now);
            Bytes hello = session.greet(nobody, now);
            session.closed(nobody);
            return hello;
        }

        @Override
        public void refused(Bytes packet) {
            // Where another carrier reads, the refusal of this one says nothing of the session.
            if (gone() || session.present() > 0) return;
            long now = clock.getAsLong();
            int nobody = session.open(ClientSession.Way.SOCKET, now);
            session.receive(nobody, packet, now);
            refusal = session.refusal();
            session.closed(nobody);
        }

        @Override
        public void doubted() {
            if (session.present() != way) return;
            session.ping();
            owner.changed();
        }

        @Override
        public void opened() {
            ladder.opened(dial, millis(clock.getAsLong()));
            owner.changed();
        }

        @Override
        public void packet(Bytes packet) {
            if (gone()) return;
            long now = clock.getAsLong();
            Cursor before = session.cursor();
            long silentNanos = silence(now);
            session.receive(way, packet, now);
            if (superseded()) return;
            if (session.present() == way) {
                if (!welcome) welcomed(now, silentNanos);
                ladder.heard(millis(now), !Objects.equals(before, session.cursor()));
            }
            owner.changed();
        }

        /**
         * Whether the server said that another carrier is the present one: this must not ask again.
         */
        private boolean superseded() {
            if (refusal == null) refusal = session.refusal();
            if (!isSuperseded()) return false;
            if (on != null) on.close();
            closed(CarrierEnd.OVERTAKEN, 0, "");
            return true;
        }

        private boolean isSuperseded() {
            return refusal == ErrorCode.OVERTAKEN || refusal == ErrorCode.NO_SESSION;
        }

        private void welcomed(long now, long silentNanos) {
            welcome = true;
            stalledNanos = silentNanos;
            present = this;
            between = false;
            ladder.offer(session.isOfferedChannels());
            ladder.welcomed(dial, millis(now));
            act();
        }

        @Override
        public void posted(Bytes answer) {
            if (gone()) return;
            long now = clock.getAsLong();
            boolean counts = session.present() == way;
            session.posted(way, answer, now);
            if (counts && superseded()) return;
            ladder.heard(millis(now), false);
        }

        @Override
        public void changed() {
            owner.changed();
        }

        @Override
        public boolean paused() {
            long courtesy = Math.max(COURTESY_NANOS, COURTESY_ROUND_TRIPS * rttNanos);
            long now = clock.getAsLong();
            for (Attempt other : attempts.values()) {
                boolean greets = other.way > 0 && !other.welcome;
                if (greets && now < other.atNanos + courtesy) return true;
            }
            return false;
        }

        @Override
        public boolean expecting() {
            return session.silentForNanos(clock.getAsLong() + 1) > 0;
        }

        @Override
        public void closed(CarrierEnd end, int code, String reason) {
            if (gone()) return;
            boolean overtaken = end == CarrierEnd.OVERTAKEN || isSuperseded();
            if (present == this) lostAtNanos = clock.getAsLong();
            forget();
            between = overtaken && welcome && greets();
            ladder.closed(dial, millis(clock.getAsLong()), overtaken ? CarrierEnd.OVERTAKEN : end);
            act();
            // Where the server said why, that is told.
            if (!overtaken && refusal == null) owner.failed(failure(code, reason));
            owner.changed();
        }

        private boolean greets() {
            return attempts.values().stream().anyMatch(other -> other.way > 0);
        }
    }

    private static PeerlineException failure(int code, String reason) {
        boolean isFinal = code >= FIRST_FINAL_CODE && !MENDED.contains(code);
        String why = code + (reason.isEmpty() ? "" : ", " + reason);
        return new PeerlineException(
                isFinal ? "INTERNAL" : "UNREACHABLE",
                "The connection ended (" + why + ")",
                !isFinal,
                isFinal ? "" : "Is the server running, and is this its address?");
    }
}
