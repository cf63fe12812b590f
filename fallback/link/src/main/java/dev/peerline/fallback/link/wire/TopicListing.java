package dev.peerline.fallback.link.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * {@code TOPICS}: what a carrier reads beside the mailbox. Behind the {@code HELLO} of a way down.
 *
 * @param highest the highest number that was used so far
 */
public record TopicListing(long highest, List<TopicSubscription> subscriptions) implements UpFrame {
    static final int TYPE = 70;

    static TopicListing read(WireReader reader) {
        long highest = reader.varint();
        int count = reader.count(TopicSubscription.MIN_BYTES);
        List<TopicSubscription> list = new ArrayList<>(count);
        for (int i = 0; i < count && reader.ok(); i++) list.add(TopicSubscription.read(reader));
        return new TopicListing(highest, list);
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeBody(WireWriter writer) {
        writer.varint(highest).varint(subscriptions.size());
        for (TopicSubscription each : subscriptions) each.write(writer);
    }
}
