package dev.peerline.fallback.link.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.session.ServerSession.Greeting;
import dev.peerline.fallback.link.session.ServerSession.Taking;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** docs/protocol.md, section 2: how a session goes. */
final class ServerSessionTest {
    private static final long EPOCH = 42;

    private final MemoryLog mailbox =
            new MemoryLog(EPOCH, new LogLimits(100_000, 1_000, new Budget(Long.MAX_VALUE)));
    private final ServerSession session = new ServerSession(new Id(1, 2), mailbox);

    private static Hello hello(long incarnation, @Nullable Cursor cursor, long base, long attempt) {
        Bytes key = Bytes.of(new byte[Id.KEY_BYTES]);
        return new Hello("room", key, incarnation, null, null, cursor, base, attempt);
    }

    private void append(int count) {
        for (int i = 0; i < count; i++) mailbox.append(new LogEntry(Bytes.EMPTY, Bytes.EMPTY));
    }

    @Test
    void theFirstConnectionBeginsAndCountsFromItsBase() {
        assertEquals(Greeting.BEGUN, session.greet(hello(7, null, 5, 1)));
        assertEquals(7, session.member().incarnation());
        assertEquals(4, session.taken());
        assertEquals(new Cursor(EPOCH, 0), session.cursor());
    }

    @Test
    void theSameIncarnationWithAKnownCursorResumesAndHasAcknowledgedIt() {
        session.greet(hello(7, null, 1, 1));
        append(5);
        session.take(1);
        assertEquals(Greeting.RESUMED, session.greet(hello(7, new Cursor(EPOCH, 3), 1, 2)));
        assertEquals(1, session.taken());
        assertEquals(new Cursor(EPOCH, 3), session.cursor());
        assertEquals(3, mailbox.forgotten());
    }

    @Test
    void carriersThatRaceBeforeTheFirstWelcomeAreOfOneSession() {
        session.greet(hello(7, null, 1, 1));
        append(3);
        session.take(1);
        assertTrue(session.acknowledge(0, 2));
        assertEquals(Greeting.RESUMED, session.greet(hello(7, null, 1, 2)));
        assertEquals(1, session.taken());
        assertEquals(new Cursor(EPOCH, 2), session.cursor());
    }

    @Test
    void aCursorOfAnotherEpochOrBeyondTheHeadIsNotKnown() {
        session.greet(hello(7, null, 1, 1));
        append(2);
        assertEquals(Greeting.BEGUN, session.greet(hello(7, new Cursor(EPOCH + 1, 1), 1, 2)));
        assertEquals(Greeting.BEGUN, session.greet(hello(7, new Cursor(EPOCH, 3), 1, 3)));
        assertEquals(0, session.cursor().offset());
    }

    @Test
    void aHigherIncarnationBeginsAndReadsWhatNobodyAcknowledged() {
        session.greet(hello(7, null, 1, 9));
        append(4);
        session.take(1);
        assertTrue(session.acknowledge(0, 2));
        assertEquals(Greeting.BEGUN, session.greet(hello(8, new Cursor(EPOCH, 4), 1, 1)));
        assertEquals(8, session.member().incarnation());
        assertEquals(0, session.taken());
        assertEquals(2, session.cursor().offset());
    }

    @Test
    void aLowerIncarnationIsReplacedAndChangesNothing() {
        session.greet(hello(7, null, 1, 1));
        session.take(1);
        assertEquals(Greeting.REPLACED, session.greet(hello(6, null, 1, 99)));
        assertEquals(7, session.member().incarnation());
        assertEquals(1, session.taken());
    }

    @Test
    void aHelloThatALaterOneOvertookIsRefused() {
        session.greet(hello(7, null, 1, 2));
        assertEquals(Greeting.OVERTAKEN, session.greet(hello(7, null, 1, 1)));
        // A client that does not count its attempts is welcome each time.
        ServerSession other = new ServerSession(new Id(1, 2), mailbox);
        other.greet(hello(7, null, 1, 0));
        assertEquals(Greeting.BEGUN, other.greet(hello(7, null, 1, 0)));
    }

    @Test
    void numbersAreTakenOnceAndWithoutHoles() {
        session.greet(hello(7, null, 5, 1));
        assertEquals(Taking.AGAIN, session.take(4));
        assertEquals(Taking.NEW, session.take(5));
        assertEquals(Taking.AGAIN, session.take(5));
        assertEquals(Taking.HOLE, session.take(7));
        assertEquals(Taking.NEW, session.take(6));
        assertEquals(6, session.taken());
    }

    @Test
    void whatWasNeverThereCannotBeAcknowledged() {
        session.greet(hello(7, null, 1, 1));
        append(2);
        assertFalse(session.acknowledge(0, 3));
        assertFalse(session.acknowledge(1, 1));
        assertTrue(session.acknowledge(0, 2));
    }
}
