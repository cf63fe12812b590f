package dev.peerline.fallback.link.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.Resume;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class InboxTest {
    private final List<PairEvent> events = new ArrayList<>();
    private final Inbox inbox = new Inbox(new Id(1, 1), events::add);

    /** Each would be a call inside of the one before, if skips were taken by recursion. */
    @Test
    void skipsWithoutEndThatWaitBehindAHoleAreTaken() {
        declare(1);
        int count = 30_000;
        for (int i = 2; i < count; i++) {
            inbox.skip(new PairFrame.Skip(1, i, i + 1, ""));
        }
        inbox.message(message(1, 1, "one"), PairPath.SESSION);
        assertEquals(count, inbox.next(1));
        assertEquals(0, inbox.heldBytes());
    }

    @Test
    void whatWaitsBehindAHoleIsBoundedAndAskedForWhenTheHoleIsFilled() {
        declare(1);
        String payload = "x".repeat(16_000);
        for (int i = 2; i < 200; i++) inbox.message(message(1, i, payload), PairPath.SESSION);
        assertTrue(inbox.heldBytes() <= Inbox.MAX_HELD_BYTES);
        assertEquals(false, inbox.takeOwed().refused());

        inbox.message(message(1, 1, payload), PairPath.SESSION);
        assertEquals(true, inbox.takeOwed().refused());
        assertEquals(0, inbox.heldBytes());
        assertEquals(events.size() + 1, inbox.next(1));
    }

    @Test
    void channelsAreBounded() {
        for (int i = 0; i < Inbox.MAX_CHANNELS + 10; i++) declare(i);
        assertEquals(Inbox.MAX_CHANNELS, inbox.progress().size());
    }

    @Test
    void aMessageThatIsTooLargeIsAGap() {
        declare(1);
        String payload = "x".repeat(16_384);
        for (int i = 1; i <= 65; i++) {
            int more = i < 65 ? PairFrame.MORE_FRAGMENTS : 0;
            int continues = i > 1 ? PairFrame.CONTINUES : 0;
            inbox.message(
                    new PairFrame.Message(1, i, more | continues, Bytes.utf8(payload)),
                    PairPath.SESSION);
        }
        assertEquals(
                List.of(new PairEvent.Gap(new Id(1, 1), Scope.PEER, "", 1, "too large")), events);
    }

    @Test
    void whatComesForAnOlderIncarnationIsKeptUntilItsSenderSpeaksToThisOneAndNotAfterIt() {
        inbox.hold(Bytes.utf8("late"));
        assertTrue(inbox.heldBytes() > 0);
        inbox.resumed();
        inbox.hold(Bytes.utf8("later"));
        assertEquals(0, inbox.heldBytes());
    }

    private void declare(long channel) {
        inbox.declare(List.of(new Resume.Channel(channel, 1, "", 1)));
    }

    private static PairFrame.Message message(long channel, long sequence, String payload) {
        return new PairFrame.Message(channel, sequence, PairFrame.TEXT, Bytes.utf8(payload));
    }
}
