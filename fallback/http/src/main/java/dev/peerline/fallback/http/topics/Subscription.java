package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.topics.TopicAccess.Granted;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Cursor;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;

import java.util.Deque;
import java.util.Set;

/**
 * What a request to read asks for.
 *
 * @param after {@code 0}, {@code now}, or a cursor
 * @param waitMillis how long a poll waits; 0 for not at all
 * @param limit messages in the answer to a poll
 * @param stream whether it asks for server-sent events
 * @param pushes messages that a poll may push, where its client takes pushes; 0 for none
 * @param isRepeatable whether it says nothing that is good for once, as a ticket is
 */
record Subscription(
        TopicPattern pattern,
        Granted granted,
        String after,
        long waitMillis,
        int limit,
        boolean stream,
        int pushes,
        boolean isRepeatable) {
    private static final Set<String> REPEATABLE = Set.of("after", "wait", "limit");
    private static final String NOW = "now";
    private static final String OLDEST = "0";
    private static final int MAX_WAIT_SECONDS = 30;
    private static final int DEFAULT_LIMIT = 100;
    private static final int MAX_LIMIT = 1_000;
    private static final int SECOND_MILLIS = 1_000;

    /** More are no number that anybody means. */
    private static final int MAX_DIGITS = 9;

    /** What came of reading a request. */
    sealed interface Parsed {
        /** It can be done. */
        record Good(Subscription asked) implements Parsed {}

        /** Why it cannot. */
        record Bad(TopicRefusal refusal) implements Parsed {}
    }

    static Parsed parse(HttpServerExchange exchange, TopicPattern pattern, Granted granted) {
        String accept = exchange.getRequestHeaders().getFirst(Headers.ACCEPT);
        boolean stream = accept != null && accept.contains("text/event-stream");
        String after = parameter(exchange, "after", NOW);
        String last = exchange.getRequestHeaders().getFirst("Last-Event-ID");
        // A stream that is resumed has read on since its URL was made.
        if (stream && last != null && !last.isEmpty()) after = last;
        if (!after.equals(NOW) && !after.equals(OLDEST) && CursorText.parse(after) == null) {
            return bad(TopicError.BAD_CURSOR, "after is 0, now, or a cursor of this server.");
        }
        int wait = number(parameter(exchange, "wait", "0"), MAX_WAIT_SECONDS);
        if (wait < 0) return bad(TopicError.BAD_REQUEST, "wait is a whole number of seconds.");
        int limit = number(parameter(exchange, "limit", "" + DEFAULT_LIMIT), MAX_LIMIT);
        if (limit < 1) return bad(TopicError.BAD_REQUEST, "limit is a whole number from 1 on.");
        int pushes = number(parameter(exchange, "push", "0"), MAX_LIMIT);
        if (pushes < 0) return bad(TopicError.BAD_REQUEST, "push is a whole number.");
        if (!exchange.isRequestComplete()) {
            return bad(TopicError.BAD_REQUEST, "A GET has no body.");
        }
        long waitMillis = (long) wait * SECOND_MILLIS;
        boolean repeatable = REPEATABLE.containsAll(exchange.getQueryParameters().keySet());
        return new Parsed.Good(
                new Subscription(
                        pattern, granted, after, waitMillis, limit, stream, pushes, repeatable));
    }

    /** The same from another cursor on. */
    Subscription from(String cursor) {
        return new Subscription(
                pattern, granted, cursor, waitMillis, limit, stream, pushes, isRepeatable);
    }

    private static Parsed bad(TopicError error, String detail) {
        return new Parsed.Bad(TopicRefusal.of(error, detail));
    }

    private static String parameter(HttpServerExchange exchange, String name, String otherwise) {
        Deque<String> values = exchange.getQueryParameters().get(name);
        return values == null || values.getFirst().isEmpty() ? otherwise : values.getFirst();
    }

    /** A number, or the highest that is allowed when it is above that; -1 for no number. */
    private static int number(String text, int max) {
        if (text.isEmpty() || text.length() > MAX_DIGITS) return -1;
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) return -1;
            number = 10 * number + digit;
        }
        return Math.min(number, max);
    }

    /** A place in the log to begin at. */
    TopicReader open(Topics topics) {
        TopicLog log = topics.log(pattern.firstSegment());
        TopicFilter filter = new TopicFilter(pattern, granted.allowed());
        Cursor cursor = CursorText.parse(after);
        if (cursor != null) return TopicReader.after(log, filter, cursor);
        return after.equals(NOW) ? TopicReader.now(log, filter) : TopicReader.oldest(log, filter);
    }

    /** When its stream ends, on a clock that says this now. */
    long untilMillis(long nowMillis) {
        long until = granted.untilMillis();
        if (until == Granted.NEVER) return Granted.NEVER;
        return nowMillis + until - System.currentTimeMillis();
    }

    static @Nullable TopicPattern pattern(HttpServerExchange exchange, String prefix) {
        String path = exchange.getRequestPath();
        return path.startsWith(prefix) ? TopicPattern.parse(path.substring(prefix.length())) : null;
    }
}
