package dev.peerline.fallback.link.topic;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

/**
 * A message in a log. Immutable but for what is made of it once for all its readers. Thread-safe.
 */
public final class TopicMessage {
    /** Objects, headers of arrays, places in the log and in its topic. */
    private static final int OVERHEAD_BYTES = 320;

    /** The body, and what is made of it for readers. */
    private static final int COPIES = 3;

    private final Cursor id;
    private final long timeMillis;
    private final String topic;
    private final String type;
    private final Bytes body;
    private volatile @Nullable Bytes json;
    private volatile @Nullable Bytes namedJson;

    /**
     * @param timeMillis when it was published, Unix time in ms
     */
    public TopicMessage(Cursor id, long timeMillis, String topic, String type, Bytes body) {
        this.id = id;
        this.timeMillis = timeMillis;
        this.topic = topic;
        this.type = type;
        this.body = body;
    }

    public Cursor id() {
        return id;
    }

    public long offset() {
        return id.offset();
    }

    public long timeMillis() {
        return timeMillis;
    }

    public String topic() {
        return topic;
    }

    public String type() {
        return type;
    }

    public Bytes body() {
        return body;
    }

    /** What it counts against limits. */
    long cost() {
        return OVERHEAD_BYTES + COPIES * (long) body.length() + type.length() + topic.length();
    }

    /**
     * The message object of docs/protocol.md in UTF-8, made once.
     *
     * @param named whether it names its topic, as for readers of patterns
     */
    public Bytes json(boolean named) {
        Bytes made = named ? namedJson : json;
        if (made != null) return made;
        Bytes fresh = MessageJson.of(this, named);
        if (named) namedJson = fresh;
        else json = fresh;
        return fresh;
    }
}
