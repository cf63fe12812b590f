package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

/** What an {@code UP} frame says about topics: docs/protocol.md, section 8. */
public sealed interface TopicUp extends UpBody {
    /** Bytes of a message that is published over a session. */
    int MAX_PUBLISH_BYTES = 128 * 1024;

    /** Null for a kind that is not about topics. */
    static @Nullable TopicUp read(long kind, WireReader reader) {
        if (kind == Subscribe.KIND) return new Subscribe(TopicSubscription.read(reader));
        if (kind == Unsubscribe.KIND) return new Unsubscribe(reader.varint());
        if (kind == Publish.KIND) return Publish.read(reader);
        return null;
    }

    /** From now on the present carrier reads this too. */
    record Subscribe(TopicSubscription subscription) implements TopicUp {
        static final int KIND = 4;

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public void write(WireWriter writer) {
            subscription.write(writer);
        }
    }

    /** It is read no more. */
    record Unsubscribe(long number) implements TopicUp {
        static final int KIND = 5;

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(number);
        }
    }

    /**
     * A message for a topic.
     *
     * @param request a number of the client's, which rises; the answer names it
     * @param type the media type; empty when it did not say
     * @param key makes a repetition harmless; empty for none
     */
    record Publish(long request, String topic, String type, String key, Bytes body)
            implements TopicUp {
        static final int KIND = 6;

        static Publish read(WireReader reader) {
            long request = reader.varint();
            String topic = reader.text();
            String type = reader.text();
            String key = reader.text();
            return new Publish(request, topic, type, key, reader.rest(MAX_PUBLISH_BYTES));
        }

        @Override
        public int kind() {
            return KIND;
        }

        @Override
        public void write(WireWriter writer) {
            writer.varint(request).text(topic).text(type).text(key).raw(body);
        }
    }
}
