package dev.peerline.fallback.link.topic;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A topic, or a pattern of topics: {@code segment(.segment){0,15}}, where a segment after the first
 * may be {@code *} (any one segment), and the last may be {@code >} (one or more segments).
 * Segments are 1 to 64 of {@code A-Z a-z 0-9 _ -}. Immutable.
 */
public final class TopicPattern {
    /** Segments of a topic. */
    public static final int MAX_SEGMENTS = 16;

    private static final int MAX_SEGMENT_LENGTH = 64;
    private static final String ANY = "*";
    private static final String REST = ">";

    /** As a rest, and the first segment alone too. */
    private static final String WHOLE = ">>";

    private final String text;
    private final List<String> segments;
    private final boolean isTopic;
    private final boolean isWhole;

    private TopicPattern(String text, List<String> segments) {
        this.text = text;
        this.segments = segments;
        isWhole = segments.getLast().equals(WHOLE);
        isTopic = !isWhole && !segments.contains(ANY) && !segments.getLast().equals(REST);
    }

    /** Null for text that is neither a topic nor a pattern. */
    public static @Nullable TopicPattern parse(String text) {
        if (text.length() > MAX_SEGMENTS * (MAX_SEGMENT_LENGTH + 1)) return null;
        List<String> segments = List.of(text.split("\\.", -1));
        if (segments.size() > MAX_SEGMENTS || !isSegment(segments.getFirst())) return null;
        for (int i = 1; i < segments.size(); i++) {
            String segment = segments.get(i);
            boolean rest = segment.equals(REST) && i == segments.size() - 1;
            if (!rest && !segment.equals(ANY) && !isSegment(segment)) return null;
        }
        return new TopicPattern(text, segments);
    }

    /** Everything in a log, for those who hand it on. It cannot be written. */
    public static TopicPattern wholeLog(String firstSegment) {
        return new TopicPattern(firstSegment + ".>>", List.of(firstSegment, WHOLE));
    }

    private static boolean isSegment(String segment) {
        if (segment.isEmpty() || segment.length() > MAX_SEGMENT_LENGTH) return false;
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!letter && (c < '0' || c > '9') && c != '-' && c != '_') return false;
        }
        return true;
    }

    /** As it was written. */
    public String text() {
        return text;
    }

    /** The name of the log that all its topics are in. */
    public String firstSegment() {
        return segments.getFirst();
    }

    /** Whether it stands for one topic, which can be published to. */
    public boolean isTopic() {
        return isTopic;
    }

    /** Whether a topic is one of those it stands for. */
    public boolean matches(String topic) {
        if (isTopic) return text.equals(topic);
        if (isWhole) return topic.equals(firstSegment()) || topic.startsWith(firstSegment() + ".");
        return matches(topic.split("\\.", -1));
    }

    private boolean matches(String[] topic) {
        boolean rest = segments.getLast().equals(REST);
        int fixed = rest ? segments.size() - 1 : segments.size();
        if (rest ? topic.length <= fixed : topic.length != fixed) return false;
        for (int i = 0; i < fixed; i++) {
            String segment = segments.get(i);
            if (!segment.equals(ANY) && !segment.equals(topic[i])) return false;
        }
        return true;
    }

    /** Whether there are topics, used or not, that both stand for. */
    public boolean overlaps(TopicPattern other) {
        for (int i = 0; ; i++) {
            boolean ends = i == segments.size();
            boolean otherEnds = i == other.segments.size();
            if (ends || otherEnds) return ends && otherEnds;
            String mine = segments.get(i);
            String theirs = other.segments.get(i);
            // Whatever is left of the other, at least one segment, is a rest.
            if (mine.equals(REST) || theirs.equals(REST)) return true;
            boolean same = mine.equals(theirs) || mine.equals(ANY) || theirs.equals(ANY);
            if (!same) return false;
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicPattern that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
