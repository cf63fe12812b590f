package dev.peerline.fallback.link.wire;

/**
 * A topic that a session reads beside its mailbox.
 *
 * @param number from 1; never used again in an incarnation
 * @param pattern the topic or pattern, as it was written; not looked into here
 */
public record TopicSubscription(long number, String pattern, TopicPlace place) {
    /** Number, the length of the pattern, the kind of place. */
    static final int MIN_BYTES = 3;

    static TopicSubscription read(WireReader reader) {
        long number = reader.varint();
        if (number == 0) reader.fail("subscriptions count from 1");
        return new TopicSubscription(number, reader.text(), TopicPlace.read(reader));
    }

    void write(WireWriter writer) {
        writer.varint(number).text(pattern);
        place.write(writer);
    }
}
