package dev.peerline.server.token;

import dev.peerline.fallback.link.topic.TopicPattern;

import java.util.Set;
import java.util.regex.Pattern;

/** The forms of names that tokens and URLs carry. */
public final class Names {
    /** First segments of paths that are no rooms. */
    public static final Set<String> RESERVED =
            Set.of("v1", "sdk", "compare", "healthz", "readyz", "metrics");

    private static final String SEGMENT = "[A-Za-z0-9_-]{1,64}";
    private static final Pattern ROOM = Pattern.compile(SEGMENT);

    /** What a peer may be called has at most so many characters, as the protocol says. */
    public static final int MAX_NAME_CHARACTERS = 64;

    private Names() {}

    /** Whether a peer may be called so. */
    public static boolean isName(String name) {
        return name.codePointCount(0, name.length()) <= MAX_NAME_CHARACTERS;
    }

    public static boolean isRoom(String name) {
        return ROOM.matcher(name).matches() && !RESERVED.contains(name);
    }

    public static boolean isTopicPattern(String pattern) {
        return TopicPattern.parse(pattern) != null;
    }
}
