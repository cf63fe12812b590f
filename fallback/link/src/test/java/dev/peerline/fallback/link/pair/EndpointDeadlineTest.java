package dev.peerline.fallback.link.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PairFrame;

import org.junit.jupiter.api.Test;

final class EndpointDeadlineTest {
    private static final Member ADA = new Member(new Id(1, 0), 1);
    private static final Member BOB = new Member(new Id(2, 0), 1);

    /** What two ends say to each other arrives at once. */
    private static void exchange(Endpoint ada, Endpoint bob) {
        for (boolean more = true; more; ) {
            more = carry(ada, ADA, bob);
            more |= carry(bob, BOB, ada);
        }
    }

    private static boolean carry(Endpoint from, Member sender, Endpoint to) {
        boolean any = false;
        for (PairOutput out; (out = from.transmit(Writable.ALL, 0)) != null; any = true) {
            switch (out) {
                case PairOutput.Envelope(var _, Bytes frames) ->
                        to.receive(sender, 1, PairPath.SESSION, frames, 0);
                case PairOutput.Direct(var _, Bytes frames, boolean _) ->
                        to.receive(sender, 1, PairPath.DIRECT, frames, 0);
                case PairOutput.Datagram _, PairOutput.Acks _ -> {}
            }
        }
        return any;
    }

    private static Writable only(PairPath path) {
        return new Writable() {
            @Override
            public boolean session() {
                return path == PairPath.SESSION;
            }

            @Override
            public boolean direct(Id peer) {
                return path == PairPath.DIRECT;
            }
        };
    }

    @Test
    void anAcknowledgementIsDueOnlyWhereItsPathTakesIt() {
        for (PairPath path : PairPath.values()) {
            Endpoint ada = new Endpoint(1, PairLimits.DEFAULT);
            Endpoint bob = new Endpoint(1, PairLimits.DEFAULT);
            ada.joined(BOB, false, 0);
            bob.joined(ADA, false, 0);
            if (path == PairPath.DIRECT) ada.use(BOB.id(), path, 0);
            exchange(ada, bob);
            ada.send(Destination.peer(BOB.id()), "", PairFrame.TEXT, Bytes.utf8("x"), 0);
            exchange(ada, bob);
            assertEquals(path, bob.pathOf(ADA.id()));
            long due = bob.deadlineNanos();
            assertTrue(due < Long.MAX_VALUE, "an acknowledgement is owed on " + path);
            for (PairPath takes : PairPath.values()) {
                long expected = takes == path ? due : Long.MAX_VALUE;
                assertEquals(expected, bob.deadlineNanos(only(takes)), path + ", " + takes);
            }
        }
    }
}
