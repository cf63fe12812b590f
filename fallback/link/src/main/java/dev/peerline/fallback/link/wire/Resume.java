package dev.peerline.fallback.link.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * The first pair frame to a peer that joins or returns, on a new carrier, and after a loss.
 *
 * @param move how often the pair has changed its carrier
 * @param answer whether the receiver shall answer with a {@code RESUME} of its own, and send again
 *     what is unacknowledged
 * @param aside whether the carrier that this comes on is no move
 * @param channels the sender's
 * @param expected the receiver's channels, and what comes next on each
 */
public record Resume(
        long move, boolean answer, boolean aside, List<Channel> channels, List<Expected> expected)
        implements PairFrame {
    static final int TYPE = 35;

    private static final int ANSWER = 1;
    private static final int ASIDE = 2;

    /**
     * A channel of the sender.
     *
     * @param scope 0 for everybody in the room, 1 for this receiver alone
     * @param base the lowest number that the sender still holds, or the next it will use
     */
    public record Channel(long number, long scope, String name, long base) {
        static final int MIN_BYTES = 4;
    }

    /** A channel of the receiver, and the next number that the sender of this expects on it. */
    public record Expected(long channel, long next) {
        static final int MIN_BYTES = 2;
    }

    static Resume read(WireReader reader) {
        long move = reader.varint();
        long flags = reader.varint();
        int channelCount = reader.count(Channel.MIN_BYTES);
        List<Channel> channels = new ArrayList<>(channelCount);
        for (int i = 0; i < channelCount && reader.ok(); i++) {
            channels.add(
                    new Channel(
                            reader.varint(), readScope(reader), reader.text(), reader.varint()));
        }
        int expectedCount = reader.count(Expected.MIN_BYTES);
        List<Expected> expected = new ArrayList<>(expectedCount);
        for (int i = 0; i < expectedCount && reader.ok(); i++) {
            expected.add(new Expected(reader.varint(), reader.varint()));
        }
        return new Resume(move, (flags & ANSWER) != 0, (flags & ASIDE) != 0, channels, expected);
    }

    static long readScope(WireReader reader) {
        long scope = reader.varint();
        if (scope > 1) reader.fail("scope " + scope);
        return scope;
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeBody(WireWriter writer) {
        writer.varint(move).varint((answer ? ANSWER : 0) | (aside ? ASIDE : 0));
        writer.varint(channels.size());
        for (Channel each : channels) {
            writer.varint(each.number()).varint(each.scope()).text(each.name()).varint(each.base());
        }
        writer.varint(expected.size());
        for (Expected each : expected) writer.varint(each.channel()).varint(each.next());
    }
}
