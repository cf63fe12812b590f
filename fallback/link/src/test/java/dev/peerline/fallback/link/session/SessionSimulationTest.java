package dev.peerline.fallback.link.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * One session over carriers that die anywhere, are half dead, double, delay and overlap: what was
 * delivered, what is held at the end (nothing), and what it cost on the wire.
 */
final class SessionSimulationTest {
    private static final int MESSAGES = 300;
    private static final long STORM_MILLIS = 20_000;
    private static final Member ANYBODY = new Member(new Id(1, 2), 3);

    static LongStream seeds() {
        return LongStream.concat(LongStream.range(0, 100), LongStream.of(System.nanoTime()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void deliversEverythingOnceAndInOrder(long seed) {
        new Simulation(seed).run();
    }

    private static boolean isAcknowledgementAlone(Bytes packet) {
        return DownFrame.readAll(packet) instanceof Parsed.Good<List<DownFrame>>(var frames)
                && frames.stream().allMatch(frame -> frame instanceof DownFrame.UpAck);
    }

    private static final class Simulation {
        private final SplittableRandom random;
        private final Timeline time = new Timeline();
        private final Budget budget = new Budget(Long.MAX_VALUE);
        private final Log mailbox = new MemoryLog(42, new LogLimits(1 << 24, 1 << 16, budget));
        private final ServerSession session =
                new ServerSession(Id.of("room", SimulatedClient.KEY), mailbox);
        private final SimulatedClient client = new SimulatedClient();
        private final boolean doubles;

        /** The client's newest, and the one that the server takes for it. */
        private SimulatedCarrier newest;

        private @Nullable SimulatedCarrier present;

        private final List<String> said = new ArrayList<>();
        private final List<String> taken = new ArrayList<>();
        private final List<String> appended = new ArrayList<>();
        private long entryBytesNeeded;
        private long entryBytesAgain;
        private long bytesDown;
        private int packetsDown;
        private int greetings;
        private long acknowledgedAt = -1_000;

        Simulation(long seed) {
            random = new SplittableRandom(seed);
            doubles = random.nextBoolean();
            newest = connect();
        }

        void run() {
            for (int i = 0; i < MESSAGES; i++) {
                String text = "m" + i + "-".repeat(random.nextInt(200));
                // Half of them in bursts, which one acknowledgement serves.
                long when = random.nextLong(STORM_MILLIS);
                time.at(i % 2 == 0 ? when : when / 1_000 * 1_000, () -> say(text));
                time.at(random.nextLong(STORM_MILLIS), () -> append(text));
            }
            for (int i = 0; i < 25; i++) {
                time.at(random.nextLong(STORM_MILLIS), this::trouble);
            }
            time.at(STORM_MILLIS, () -> newest = connect());
            time.runTo(STORM_MILLIS + 5_000);

            assertIterableEquals(said, taken);
            assertIterableEquals(appended, client.delivered);
            assertTrue(client.nothingUnacknowledged(), "the way up is acknowledged");
            assertEquals(0, mailbox.bytes(), "the mailbox is empty");
            assertEquals(0, budget.used());
            assertWireCost();
        }

        /** Every entry once, again only what a dead carrier swallowed, and little beside. */
        private void assertWireCost() {
            long packetOverhead = 12L * packetsDown + 80L * greetings;
            long bound = entryBytesNeeded + entryBytesAgain + packetOverhead;
            assertTrue(bytesDown <= bound, bytesDown + " bytes down, over " + bound);
            long ackPackets = STORM_MILLIS / DownReader.ACK_DELAY_MILLIS;
            assertTrue(packetsDown <= MESSAGES + ackPackets + greetings, packetsDown + " packets");
        }

        private void say(String text) {
            said.add(text);
            client.say(text);
            flushClient(newest);
        }

        private void append(String text) {
            appended.add(text);
            LogEntry entry = new LogEntry(EntryBody.envelopeHeader(ANYBODY, 7), Bytes.utf8(text));
            mailbox.append(entry);
            entryBytesNeeded += entry.length() + 8;
            if (present != null) flushServer(present);
        }

        /** A carrier dies and the client notices later, or it changes one that is well. */
        private void trouble() {
            SimulatedCarrier carrier = newest;
            if (random.nextInt(4) > 0) carrier.die();
            time.after(
                    random.nextInt(400),
                    () -> {
                        if (newest == carrier) newest = connect();
                    });
        }

        private SimulatedCarrier connect() {
            SimulatedCarrier carrier = new SimulatedCarrier(time, random.split(), doubles);
            carrier.up(client.greet(), packet -> serverReceives(carrier, packet));
            return carrier;
        }

        private void flushClient(SimulatedCarrier carrier) {
            Bytes packet = client.transmit();
            if (packet != null) carrier.up(packet, up -> serverReceives(carrier, up));
        }

        private void clientReceives(SimulatedCarrier carrier, Bytes packet) {
            if (carrier != newest) return;
            client.receive(packet);
            time.after(
                    25,
                    () -> {
                        if (carrier == newest) flushClient(carrier);
                    });
        }

        private void serverReceives(SimulatedCarrier carrier, Bytes packet) {
            if (!(UpFrame.readAll(packet) instanceof Parsed.Good<List<UpFrame>>(var frames))) {
                throw new AssertionError("malformed");
            }
            boolean numbered = false;
            for (UpFrame frame : frames) {
                if (frame instanceof Hello hello) greet(carrier, hello);
                if (carrier != present) return;
                numbered |= frame instanceof UpFrame.Up;
                take(frame);
            }
            if (numbered) {
                carrier.reader().taken(session.taken(), packet.length(), time.now());
                time.at(carrier.reader().deadlineMillis(), () -> flushServer(carrier));
            }
            flushServer(carrier);
        }

        private void greet(SimulatedCarrier carrier, Hello hello) {
            if (carrier.welcomed()) return;
            long readBefore = present == null ? 0 : present.reader().position();
            switch (session.greet(hello)) {
                case BEGUN -> welcome(carrier, false);
                case RESUMED -> welcome(carrier, true);
                case OVERTAKEN -> {
                    return;
                }
                case REPLACED -> throw new AssertionError("one incarnation only");
            }
            mailbox.read(
                    session.cursor().offset(),
                    (offset, entry) -> {
                        if (offset <= readBefore) entryBytesAgain += entry.length() + 8;
                        return true;
                    });
        }

        private void welcome(SimulatedCarrier carrier, boolean resumed) {
            greetings++;
            present = carrier;
            acknowledgedAt = -1_000;
            carrier.welcome(new DownReader(mailbox, session.cursor().offset(), session.taken()));
            Welcome.Terms terms = new Welcome.Terms(1, 1, 1, "");
            carrier.reader()
                    .control(
                            new Welcome(
                                    session.member().id(),
                                    "",
                                    session.cursor(),
                                    session.taken(),
                                    resumed,
                                    terms,
                                    null,
                                    0));
        }

        private void take(UpFrame frame) {
            switch (frame) {
                case Hello _ -> {}
                case UpFrame.Up(long number, UpBody.Envelope(_, Bytes text)) -> {
                    if (session.take(number) == ServerSession.Taking.NEW) {
                        taken.add(new String(text.toArray(), StandardCharsets.UTF_8));
                    }
                }
                case UpFrame.Ack(long log, long offset) ->
                        assertTrue(session.acknowledge(log, offset));
                default -> throw new AssertionError("unexpected " + frame);
            }
        }

        private void flushServer(SimulatedCarrier carrier) {
            if (carrier != present) return;
            for (Bytes packet = carrier.reader().next(time.now());
                    packet != null;
                    packet = carrier.reader().next(time.now())) {
                bytesDown += packet.length();
                packetsDown++;
                if (isAcknowledgementAlone(packet)) {
                    long since = time.now() - acknowledgedAt;
                    assertTrue(since >= DownReader.ACK_DELAY_MILLIS, "again after " + since);
                    acknowledgedAt = time.now();
                }
                carrier.down(packet, down -> clientReceives(carrier, down));
            }
        }
    }
}
