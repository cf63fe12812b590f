package dev.peerline.fallback.link.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class OutboxTest {
    private static final Id ADA = new Id(1, 1);

    private final List<PairEvent> events = new ArrayList<>();
    private final Outbox outbox = new Outbox(2, events::add);
    private final OutChannel channel = outbox.open(Destination.peer(ADA), "");

    @Test
    void holdsNoMessageThatIsSettled() {
        Sending first = send();
        Sending second = send();
        outbox.deliver(first, ADA, PairPath.SESSION);
        channel.release();
        assertEquals(List.of(second), channel.after(0));

        outbox.miss(second, ADA);
        assertEquals(List.of(), channel.after(0));
        assertEquals(0, outbox.bytes());
        assertEquals(List.of(), outbox.sendings());
    }

    @Test
    void whatIsSettledBehindAnUnsettledMessageIsLetGoWithIt() {
        Sending first = send();
        Sending second = send();
        outbox.deliver(second, ADA, PairPath.SESSION);
        channel.release();
        assertEquals(List.of(first, second), channel.after(0));

        outbox.deliver(first, ADA, PairPath.SESSION);
        channel.release();
        assertEquals(List.of(), channel.after(0));
    }

    /** Otherwise what an old page of the peer had not read could be taken for what is new. */
    @Test
    void numbersToAPeerNeverComeAgainHoweverManyLeave() {
        send();
        outbox.forget(ADA);
        assertEquals(List.of(channel), outbox.meet(ADA));
        assertEquals(2, channel.next());

        outbox.forget(ADA);
        for (int i = 2; i < 5; i++) {
            outbox.meet(new Id(i, i));
            outbox.forget(new Id(i, i));
        }
        assertEquals(2, outbox.meet(ADA).getFirst().next());
    }

    private Sending send() {
        return outbox.send(channel, PairFrame.TEXT, Bytes.utf8("hi"), 16, List.of(ADA));
    }
}
