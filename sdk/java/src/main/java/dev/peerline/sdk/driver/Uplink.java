package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierAction;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.ladder.CarrierLadder;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.carrier.Carrier;
import dev.peerline.sdk.carrier.Carriers;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Keeps a carrier under the session: opens and closes what the ladder says, greets on each, and
 * gives the session the one that is welcome. Not thread-safe.
 */
final class Uplink {
    private static final long NEVER = Long.MAX_VALUE;
    private static final double NANOS_PER_MILLI = 1e6;

    /** Of the close codes that say what was wrong, those that another attempt may mend. */
    private static final Set<Integer> MENDED = Set.of(4408, 4429);

    private static final int FIRST_FINAL_CODE = 4400;

    private final ClientSession session;
    private final CarrierLadder ladder;
    private final Carriers carriers;
    private final LongSupplier clock;
    private final Owner owner;
    private final long originNanos;
    private final Map<Integer, Attempt> attempts = new HashMap<>();
    private @Nullable Attempt present;
    private @Nullable Rung kind;
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

        /** A carrier was refused before it was welcome. */
        void refused(Refusal refusal);

        /** The session is on another carrier now. */
        void moved(@Nullable Rung from, Rung to, String reason);
    }

    /** Whether there is a carrier that was welcome. */
    boolean open() {
        return present != null;
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
        ladder.stop();
        act();
        present = null;
        session.closed();
    }

    boolean stopped() {
        return stopped;
    }

    /** The server said that the present carrier is no good, or that there is a newer one. */
    void giveUp(CarrierEnd end) {
        Attempt on = present;
        if (on == null) return;
        on.close();
        on.end(end);
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
        while (present != null && present.ready()) {
            Bytes packet = session.transmit(now);
            if (packet == null) break;
            present.send(packet);
            any = true;
        }
        return any;
    }

    void measured(long rttNanos) {
        ladder.measured(rttNanos / NANOS_PER_MILLI);
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
                    Attempt attempt = attempts.remove(dial);
                    if (attempt != null) attempt.close();
                }
                case CarrierAction.Ping _ -> session.ping();
                case CarrierAction.Move(Rung from, Rung to, String reason) -> {
                    kind = to;
                    owner.moved(from, to, reason);
                }
                case CarrierAction.Remember _ -> {
                    // A process joins seldom: what the race costs is not worth a file.
                }
            }
        }
    }

    /** A carrier, from the first try to its end. */
    private final class Attempt implements Carrier.Events {
        private final int dial;
        private final Rung rung;
        private ClientSession.@Nullable Greeting greeting;
        private @Nullable Carrier on;

        Attempt(int dial, Rung rung) {
            this.dial = dial;
            this.rung = rung;
        }

        void connect() {
            on = carriers.open(rung, this);
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
            if (on != null) on.close();
        }

        private boolean isPresent() {
            return this == present;
        }

        @Override
        public Bytes greeting() {
            long now = clock.getAsLong();
            if (isPresent()) return session.greetAgain(now).packet();
            greeting = session.greet(now);
            return greeting.packet();
        }

        @Override
        public void opened() {
            ladder.opened(dial, millis(clock.getAsLong()));
            owner.changed();
        }

        @Override
        public void packet(Bytes packet) {
            long now = clock.getAsLong();
            if (!isPresent() && !welcome(packet, now)) return;
            Cursor before = session.cursor();
            session.receive(packet, now);
            ladder.heard(millis(now), !Objects.equals(before, session.cursor()));
            owner.changed();
        }

        /** Whether the first packet of one that was not the present carrier makes it so. */
        private boolean welcome(Bytes packet, long now) {
            if (!attempts.containsKey(dial)) return false;
            List<DownFrame> frames =
                    DownFrame.readAll(packet) instanceof Parsed.Good<List<DownFrame>>(var list)
                            ? list
                            : List.of();
            ClientSession.Greeting its = greeting;
            Carrier carrier = on;
            // The server reads a newer one.
            if (its != null && its.attempt() < session.presentAttempt()) return false;
            if (its != null
                    && carrier != null
                    && !frames.isEmpty()
                    && frames.getFirst() instanceof Welcome) {
                session.adopt(its, carrier.way(), now);
                present = this;
                ladder.welcomed(dial, millis(now));
                act();
                return true;
            }
            refused(frames);
            return false;
        }

        private void refused(List<DownFrame> frames) {
            close();
            CarrierEnd end = CarrierEnd.LOST;
            Refusal told = null;
            for (DownFrame frame : frames) {
                if (!(frame instanceof Refusal refusal)) continue;
                if (refusal.knownCode() == ErrorCode.OVERTAKEN) end = CarrierEnd.OVERTAKEN;
                else told = refusal;
            }
            end(end);
            if (told != null) owner.refused(told);
            owner.changed();
        }

        @Override
        public void changed() {
            owner.changed();
        }

        @Override
        public void postLost() {
            if (isPresent()) session.postLost(clock.getAsLong());
        }

        @Override
        public boolean paused() {
            for (Attempt other : attempts.values()) {
                if (!other.isPresent() && other.greeting != null) return true;
            }
            return false;
        }

        @Override
        public boolean expecting() {
            return session.silentForNanos(clock.getAsLong() + 1) > 0;
        }

        @Override
        public void closed(CarrierEnd end, int code, String reason) {
            if (!attempts.containsKey(dial)) return;
            boolean final44 = code >= FIRST_FINAL_CODE && !MENDED.contains(code);
            end(end);
            if (end != CarrierEnd.OVERTAKEN) owner.failed(failure(final44, code, reason));
            owner.changed();
        }

        private void end(CarrierEnd end) {
            attempts.remove(dial);
            if (isPresent()) {
                present = null;
                session.closed();
            }
            ladder.closed(dial, millis(clock.getAsLong()), end);
            act();
        }
    }

    private static PeerlineException failure(boolean isFinal, int code, String reason) {
        String why = code + (reason.isEmpty() ? "" : ", " + reason);
        return new PeerlineException(
                isFinal ? "INTERNAL" : "UNREACHABLE",
                "The connection ended (" + why + ")",
                !isFinal,
                isFinal ? "" : "Is the server running, and is this its address?");
    }
}
