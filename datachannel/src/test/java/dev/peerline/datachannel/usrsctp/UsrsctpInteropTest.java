package dev.peerline.datachannel.usrsctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sctp.AssociationEvent;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.State;
import dev.peerline.datachannel.sctp.tx.SendQueue.Options;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.SctpHost;
import dev.peerline.datachannel.sim.Simulation;
import dev.peerline.datachannel.sim.Traffic;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Everything that usrsctp and we both know, over a lossy link in virtual time. */
final class UsrsctpInteropTest {
    private static final long SECOND = 1_000_000_000L;

    private static final class World implements AutoCloseable {
        final Simulation simulation;
        final SctpHost ours;
        final UsrsctpHost theirs;

        World(boolean interleaving, double loss) {
            @Nullable Usrsctp library = Usrsctp.library();
            if (library == null)
                System.out.println("SKIPPED: libusrsctp.so.2 is not installed (libusrsctp2)");
            Assumptions.assumeTrue(library != null);
            if (library == null) throw new AssertionError();
            simulation = new Simulation(9);
            // usrsctp measures with the real clock, whatever its timers are told.
            simulation.paceByTheWallClock();
            SctpConfig config = SctpConfig.defaults().withInterleaving(interleaving);
            ours = new SctpHost(config, 77);
            theirs = new UsrsctpHost(library, interleaving, simulation.now());
            LinkSettings path = LinkSettings.perfect(2).withLoss(loss);
            simulation.attach(ours, theirs, simulation.link(path), simulation.link(path));
        }

        void connect() {
            ours.association().connect(simulation.now());
            theirs.connect();
            assertTrue(
                    simulation.runUntil(
                            () -> ours.association().state() == State.ESTABLISHED, 20 * SECOND));
        }

        @Override
        public void close() {
            theirs.close();
        }
    }

    /** Both begin at once, as in WebRTC. */
    @ParameterizedTest
    @CsvSource({"false, 0", "true, 0", "false, 0.05", "true, 0.05"})
    void exchangesMessagesOfAllSizes(boolean interleaving, double loss) {
        try (World world = new World(interleaving, loss)) {
            world.connect();
            AssociationEvent.Established up =
                    (AssociationEvent.Established) world.ours.events().getFirst();
            assertEquals(interleaving, up.terms().interleaving());
            assertTrue(up.terms().partialReliability() && up.terms().streamReset());
            SplittableRandom random = new SplittableRandom(4);
            Traffic there = new Traffic(6);
            int total = 0;
            int[] fromThem = {0};
            world.ours.onMessage(message -> check(message, fromThem));
            for (int i = 0; i < 60; i++) {
                int length = random.nextInt(5) == 0 ? random.nextInt(100_000) : 1 + i * 20;
                there.send(world.ours, random, length);
                byte[] data = new byte[1 + random.nextInt(50_000)];
                java.util.Arrays.fill(data, (byte) data.length);
                world.theirs.send(i % 6, i % 2 == 1, data, Integer.MAX_VALUE);
                total++;
            }
            int expected = total;
            int[] seen = {0};
            boolean done =
                    world.simulation.runUntil(
                            () -> {
                                seen[0] = drain(world.theirs, there::receive, seen[0]);
                                return there.isComplete() && fromThem[0] == expected;
                            },
                            120 * SECOND);
            assertTrue(done, () -> seen[0] + " there, " + fromThem[0] + " back of " + expected);
            assertEquals(0, world.ours.association().stats().heldBytes());
        }
    }

    private static int drain(
            UsrsctpHost host, Consumer<AssociationEvent.Message> consumer, int from) {
        List<AssociationEvent.Message> messages = host.messages();
        for (int i = from; i < messages.size(); i++) consumer.accept(messages.get(i));
        return messages.size();
    }

    private static void check(AssociationEvent.Message message, int[] count) {
        byte expected = (byte) message.data().length;
        for (byte value : message.data()) assertEquals(expected, value);
        assertEquals(message.streamId() % 2 == 1, message.unordered());
        count[0]++;
    }

    /** What is given up is skipped by FORWARD TSN, both ways, and nothing is kept of it. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void skipsWhatIsGivenUp(boolean interleaving) {
        try (World world = new World(interleaving, 0.1)) {
            world.connect();
            int sent = 200;
            for (int i = 0; i < sent; i++) {
                boolean unordered = i % 2 == 0;
                byte[] data = new byte[3000];
                world.ours
                        .association()
                        .send(i % 2, data, new Options(53, unordered, Long.MAX_VALUE, 0));
                world.theirs.send(i % 2, unordered, data, 0);
                world.simulation.run(5_000_000);
            }
            // A reliable message behind them shows that the way is free.
            world.ours.association().send(3, new byte[7], Options.reliable(53));
            world.theirs.send(3, false, new byte[7], Integer.MAX_VALUE);
            assertTrue(
                    world.simulation.runUntil(
                            () ->
                                    world.theirs.messages().stream()
                                                    .anyMatch(m -> m.data().length == 7)
                                            && world.ours.messages().stream()
                                                    .anyMatch(m -> m.data().length == 7),
                            60 * SECOND));
            world.simulation.run(SECOND);
            int there = world.theirs.messages().size();
            int back = world.ours.messages().size();
            assertTrue(there > sent / 2 && there < sent, () -> there + " there");
            assertTrue(back > sent / 2 && back < sent, () -> back + " back");
            assertEquals(0, world.ours.association().stats().heldBytes());
            assertEquals(0, world.ours.association().stats().outstandingChunks());
            assertTrue(world.ours.association().stats().messagesAbandoned() > 0);
        }
    }

    /** RFC 6525: a stream counts from zero again, and messages go on. */
    @ParameterizedTest
    @CsvSource({"false", "true"})
    void resetsStreamsBothWays(boolean interleaving) {
        try (World world = new World(interleaving, 0.05)) {
            world.connect();
            for (int round = 0; round < 5; round++) {
                int rounds = round + 1;
                world.ours.association().send(2, new byte[5000], Options.reliable(53));
                world.theirs.send(2, false, new byte[5000], Integer.MAX_VALUE);
                assertTrue(
                        world.simulation.runUntil(
                                () ->
                                        world.ours.messages().size() == rounds
                                                && world.theirs.messages().size() == rounds,
                                20 * SECOND));
                assertTrue(world.ours.association().resetStreams(List.of(2)));
                world.simulation.drain();
                assertTrue(
                        world.simulation.runUntil(
                                () ->
                                        count(world, AssociationEvent.OutgoingStreamsReset.class)
                                                == rounds,
                                20 * SECOND));
                world.theirs.resetOutgoing(2);
                assertTrue(
                        world.simulation.runUntil(
                                () ->
                                        count(world, AssociationEvent.IncomingStreamsReset.class)
                                                == rounds,
                                20 * SECOND));
            }
            assertTrue(world.theirs.notifications().contains(9));
        }
    }

    private static long count(World world, Class<? extends AssociationEvent> type) {
        return world.ours.events().stream().filter(type::isInstance).count();
    }

    @Test
    void shutsDownFromOurSide() {
        try (World world = new World(true, 0.05)) {
            world.connect();
            world.ours.association().send(0, new byte[50_000], Options.reliable(53));
            world.ours.association().shutdown(world.simulation.now());
            assertTrue(
                    world.simulation.runUntil(
                            () -> world.ours.association().state() == State.CLOSED, 60 * SECOND));
            assertEquals(50_000, world.theirs.messages().getFirst().data().length);
        }
    }

    @Test
    void shutsDownFromTheirSide() {
        try (World world = new World(true, 0.05)) {
            world.connect();
            world.theirs.send(0, false, new byte[50_000], Integer.MAX_VALUE);
            world.simulation.run(SECOND / 2);
            world.theirs.shutdown();
            assertTrue(
                    world.simulation.runUntil(
                            () -> world.ours.association().state() == State.CLOSED, 60 * SECOND));
            assertEquals(50_000, world.ours.messages().getFirst().data().length);
        }
    }
}
