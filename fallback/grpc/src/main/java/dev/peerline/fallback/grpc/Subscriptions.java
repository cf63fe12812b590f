package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.PushAccess.Granted;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Cursor;

/** Judges requests to read, and finds their places. Thread-safe; it does not block. */
final class Subscriptions {
    private static final String NOW = "now";
    private static final String OLDEST = "0";

    private final Topics topics;
    private final PushAccess access;

    Subscriptions(Topics topics, PushAccess access) {
        this.topics = topics;
        this.access = access;
    }

    /** What came of a request. */
    sealed interface Outcome {
        /** It is counted in, and begins here; whoever has it counts it out with the key. */
        record Opened(TopicReader place, Granted granted) implements Outcome {}

        /** Why not. */
        record Refused(PushRefusal refusal) implements Outcome {}
    }

    Outcome open(PushCaller caller, SubscribeRequest request) {
        TopicPattern pattern = TopicPattern.parse(request.getTopic());
        if (pattern == null) {
            return refused(
                    PushError.BAD_TOPIC, "A topic is news.sport, a pattern news.* or news.>.");
        }
        return switch (access.read(caller, pattern)) {
            case PushAccess.Refused(PushRefusal refusal) -> new Outcome.Refused(refusal);
            case Granted granted -> open(pattern, request.getAfter(), granted);
        };
    }

    private Outcome open(TopicPattern pattern, String after, Granted granted) {
        Cursor cursor = CursorText.parse(after);
        boolean now = after.isEmpty() || after.equals(NOW);
        if (cursor == null && !now && !after.equals(OLDEST)) {
            return refused(PushError.BAD_CURSOR, "after is 0, now, or a cursor of this server.");
        }
        PushRefusal full = access.open(granted.limitsKey());
        if (full != null) return new Outcome.Refused(full);
        TopicLog log = topics.log(pattern.firstSegment());
        TopicFilter filter = new TopicFilter(pattern, granted.allowed());
        TopicReader place;
        if (cursor != null) place = TopicReader.after(log, filter, cursor);
        else place = now ? TopicReader.now(log, filter) : TopicReader.oldest(log, filter);
        return new Outcome.Opened(place, granted);
    }

    private static Outcome refused(PushError error, String detail) {
        return new Outcome.Refused(PushRefusal.of(error, detail));
    }
}
