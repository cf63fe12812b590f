package dev.peerline.signaling.rooms.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.RoomLimits;
import dev.peerline.signaling.rooms.room.RoomFixture.Peer;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Peers that come, go, reload, are cut off and talk, at random: in the end every view is the truth,
 * whoever was always there heard everything once and in order, and nothing is held.
 */
final class RoomSimulationTest {
    private static final int PEERS = 6;
    private static final int STEPS = 400;

    static LongStream seeds() {
        return LongStream.concat(LongStream.range(0, 100), LongStream.of(System.nanoTime()));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyViewIsTheTruthInTheEnd(long seed) {
        new Simulation(seed).run();
    }

    private static final class Simulation {
        private final SplittableRandom random;
        private final RoomFixture lobby = new RoomFixture(RoomLimits.DEFAULT);
        private final List<Peer> peers = new ArrayList<>();

        /** Never leaves, though its carriers die. */
        private final Peer witness = lobby.peer("witness");

        private final Map<Peer, Integer> said = new HashMap<>();
        private final List<String> saidToWitness = new ArrayList<>();

        Simulation(long seed) {
            random = new SplittableRandom(seed);
            for (int i = 0; i < PEERS; i++) peers.add(lobby.peer("peer" + i));
            witness.join();
        }

        void run() {
            for (int i = 0; i < STEPS; i++) {
                step(peers.get(random.nextInt(PEERS)));
                if (random.nextInt(20) == 0) witnessReconnects();
                if (random.nextInt(3) == 0) lobby.pass(random.nextLong(30_000));
                if (random.nextInt(5) == 0) witness.read().acknowledge();
            }
            // Everybody who is connected reads; the views must agree with the room.
            lobby.pass(5_000);
            List<Peer> here = new ArrayList<>();
            for (Peer peer : peers) {
                if (peer.attachment != null) here.add(peer);
            }
            here.add(witness);
            for (Peer peer : here) assertSeesTheTruth(peer.read());
            assertIterableEquals(saidToWitness, witness.heard());

            for (Peer peer : here) peer.send(new UpFrame.Bye(0));
            lobby.pass(130_000);
            assertTrue(lobby.room.isEmpty());
            assertEquals(0, lobby.budget.used());
        }

        private void assertSeesTheTruth(Peer viewer) {
            Map<Id, Boolean> truth = new HashMap<>();
            for (Peer peer : peers) {
                Seat seat = lobby.room.seat(peer.member().id());
                if (seat != null && peer != viewer) {
                    assertEquals(peer.incarnation, seat.session().member().incarnation());
                    truth.put(peer.member().id(), seat.away());
                }
            }
            if (viewer != witness) truth.put(witness.member().id(), false);
            Map<Id, Boolean> seen = new HashMap<>();
            viewer.view.forEach((id, record) -> seen.put(id, record.away()));
            assertEquals(truth, seen, viewer.name);
        }

        private void step(Peer peer) {
            if (peer.attachment == null) {
                if (random.nextInt(3) == 0) reload(peer);
                connect(peer);
                return;
            }
            switch (random.nextInt(8)) {
                case 0 -> peer.cut();
                case 1 -> goodbye(peer);
                case 2 -> {
                    reload(peer);
                    connect(peer);
                }
                case 3 -> connect(peer);
                case 4 -> peer.read().acknowledge();
                default -> say(peer);
            }
        }

        private void connect(Peer peer) {
            peer.read.clear();
            if (!peer.connect()) peer.number = peer.attachment().up();
        }

        private void reload(Peer peer) {
            peer.incarnation++;
            peer.cursor = null;
            peer.number = 0;
            peer.attempt = 0;
            peer.view.clear();
        }

        private void goodbye(Peer peer) {
            boolean forGood = random.nextBoolean();
            peer.send(new UpFrame.Bye(forGood ? 0 : random.nextLong(1, 60_000)));
            peer.attachment = null;
            if (forGood) reload(peer);
        }

        private void say(Peer peer) {
            String text = peer.name + " " + said.merge(peer, 1, Integer::sum);
            saidToWitness.add(text);
            peer.say(text, witness.member());
        }

        private void witnessReconnects() {
            witness.cut();
            assertTrue(witness.connect());
        }
    }
}
