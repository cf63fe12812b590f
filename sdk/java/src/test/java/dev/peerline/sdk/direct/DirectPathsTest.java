package dev.peerline.sdk.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.direct.Connection.Change;

import org.junit.jupiter.api.Test;

import java.util.List;

final class DirectPathsTest {
    private static final Member ABOVE = Scene.member(9);
    private static final Member BELOW = Scene.member(1);

    @Test
    void theNewcomerOffersAtOnceAndTheOtherWaitsForItsOffer() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, true);
        scene.paths.joined(BELOW, true, false);
        scene.pass(2_900);
        assertEquals(1, scene.connections.size());
        assertTrue(scene.newest().plan.offers());
        assertTrue(scene.newest().plan.polite(), "the smaller id gives way");
        scene.pass(200);
        assertEquals(2, scene.connections.size());
        assertFalse(scene.newest().plan.polite());
    }

    @Test
    void anOfferIsAnsweredByAConnectionOfItsNumberAndAnOlderOneIsStale() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, false);
        scene.paths.signal(ABOVE, Scene.offer(4));
        assertFalse(scene.newest().plan.offers());
        assertEquals(List.of(Scene.offer(4)), scene.newest().heard);
        scene.paths.signal(ABOVE, Scene.offer(3));
        assertEquals(1, scene.newest().heard.size());
        scene.paths.signal(ABOVE, Scene.offer(5));
        assertTrue(scene.connections.getFirst().closed);
        assertEquals(List.of(Scene.offer(5)), scene.newest().heard);
    }

    @Test
    void aSignalOfAnotherIncarnationIsDropped() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, false);
        scene.paths.signal(new Member(ABOVE.id(), 2), Scene.offer(1));
        assertTrue(scene.connections.isEmpty());
    }

    @Test
    void aPathIsProvenBeforeItIsUsedAndLeftWhenItEnds() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, true);
        scene.pass(10);
        scene.newest().opens();
        scene.pass(10);
        assertEquals(List.of(1), scene.probes, "as a direct one");
        assertEquals(List.of(), scene.moves);
        scene.paths.echoed(ABOVE.id(), 5_000_000, scene.nowNanos());
        scene.pass(10);
        assertEquals(List.of("DIRECT proven"), scene.moves);
        scene.newest().events.changed(Change.CLOSED);
        assertEquals(List.of("DIRECT proven", "SESSION closed"), scene.moves);
        assertTrue(scene.newest().closed);
    }

    @Test
    void whatADoubtfulPathWouldFallToIsAskedBeforeItFalls() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, true);
        scene.pass(10);
        scene.newest().opens();
        scene.pass(10);
        scene.paths.echoed(ABOVE.id(), 5_000_000, scene.nowNanos());
        scene.pass(10);
        assertEquals(0, scene.askedServer);
        scene.silentNanos = 200_000_000;
        scene.paths.advance(scene.nowNanos());
        assertEquals(1, scene.askedServer);
        assertEquals(List.of("DIRECT proven"), scene.moves, "it has not fallen");
    }

    @Test
    void anAttemptThatTakesTooLongIsGivenUpAndTheNextComesEverLater() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, true);
        scene.pass(19_900);
        assertEquals(1, scene.connections.size());
        scene.pass(2_200);
        assertEquals(2, scene.connections.size());
        assertTrue(scene.connections.getFirst().closed);
        long before = scene.connections.size();
        scene.pass(3_600_000);
        long made = scene.connections.size() - before;
        assertTrue(made > 5 && made < 30, made + " in an hour");
    }

    @Test
    void whoHasNoDirectPathsIsNotAskedAgain() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, true);
        scene.pass(10);
        Signal decline = DirectPaths.declined(1, DirectPaths.UNSUPPORTED);
        scene.paths.signal(ABOVE, decline);
        assertTrue(scene.paths.refusedBy(ABOVE.id()));
        scene.pass(600_000);
        assertEquals(1, scene.connections.size());
    }

    @Test
    void whereThereAreTooManyTheMostActiveHaveThem() {
        Scene scene = new Scene(1);
        scene.paths.joined(ABOVE, true, true);
        scene.pass(10);
        scene.newest().opens();
        scene.paths.joined(BELOW, true, false);
        scene.paths.signal(BELOW, Scene.offer(1));
        assertEquals(List.of(DirectPaths.declined(1, "busy")), scene.signals);
        scene.pass(31_000);
        for (int i = 0; i < 10; i++) scene.paths.used(BELOW.id(), scene.nowNanos());
        scene.paths.signal(BELOW, Scene.offer(2));
        assertEquals(2, scene.connections.size());
        assertTrue(scene.connections.getFirst().closed);
        assertEquals(DirectPaths.declined(1, "busy"), scene.signals.getLast());
    }

    @Test
    void aPathThatIsInterruptedIsMendedByTheOneWhoDoesNotGiveWay() {
        for (Member other : List.of(BELOW, ABOVE)) {
            Scene scene = new Scene(8);
            scene.paths.joined(other, true, true);
            scene.pass(10);
            scene.newest().opens();
            scene.newest().events.changed(Change.DISCONNECTED);
            scene.pass(900);
            assertEquals(other.equals(BELOW) ? 1 : 0, scene.newest().restarts);
            scene.pass(200);
            assertEquals(1, scene.newest().restarts);
        }
    }

    @Test
    void aPathIsRelayedWhenEitherSideSeesItSo() {
        Scene scene = new Scene(8);
        scene.paths.joined(BELOW, true, true);
        scene.pass(10);
        Scene.Fake connection = scene.newest();
        connection.opens();
        scene.pass(10);
        assertEquals(PathKind.DIRECT, scene.paths.kindOf(BELOW.id()));
        // A PROBE of five bytes, whose first says what its sender takes the path for.
        connection.events.packet(Bytes.of((byte) 37, (byte) 5, (byte) 2, (byte) 0), true);
        assertEquals(PathKind.RELAYED, scene.paths.kindOf(BELOW.id()));
        connection.events.packet(Bytes.of((byte) 37, (byte) 5, (byte) 1, (byte) 0), true);
        assertEquals(PathKind.DIRECT, scene.paths.kindOf(BELOW.id()));
        connection.relayed = true;
        connection.events.changed(Change.PAIR);
        assertEquals(PathKind.RELAYED, scene.paths.kindOf(BELOW.id()));
        scene.pass(11_000);
        assertEquals(1, connection.restarts, "it is tried directly anew");
        assertEquals(2, scene.probes.getLast());
    }

    @Test
    void whileListenersAreBehindMessagesWaitAndSignsOfLifeDoNot() {
        Scene scene = new Scene(8);
        scene.paths.joined(BELOW, true, true);
        scene.pass(10);
        Connection.Events events = scene.newest().events;
        scene.newest().opens();
        scene.congested = true;
        Bytes message = Bytes.of((byte) 33, (byte) 0);
        Bytes probe = Bytes.of((byte) 37, (byte) 1, (byte) 1);
        events.packet(message, false);
        events.packet(Bytes.of((byte) 39, (byte) 0), true);
        events.packet(probe, true);
        assertEquals(List.of(probe), scene.received);
        scene.congested = false;
        scene.pass(1);
        assertEquals(List.of(probe, message), scene.received);
    }

    @Test
    void whoSendsFarMoreThanItMayIsCutOff() {
        Scene scene = new Scene(8);
        scene.paths.joined(BELOW, true, true);
        scene.pass(10);
        scene.newest().opens();
        scene.congested = true;
        Bytes large = Bytes.of(new byte[16 << 10]);
        for (int i = 0; i <= 256; i++) scene.newest().events.packet(large, false);
        assertTrue(scene.connections.getFirst().closed);
    }

    @Test
    void whoLeavesTakesItsConnectionAlong() {
        Scene scene = new Scene(8);
        scene.paths.joined(ABOVE, true, true);
        scene.pass(10);
        scene.paths.left(ABOVE.id());
        assertTrue(scene.newest().closed);
        scene.newest().events.changed(Change.OPEN);
        scene.pass(60_000);
        assertEquals(1, scene.connections.size());
        assertEquals(List.of(), scene.probes);
    }
}
