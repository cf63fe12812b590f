package dev.peerline.fallback.link.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicPatternTest {
    private static final String LONGEST = "s".repeat(64);

    private static TopicPattern pattern(String text) {
        TopicPattern pattern = TopicPattern.parse(text);
        assertNotNull(pattern, text);
        return pattern;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "A-z_0", "a.b.c", "prices.eur-usd", "1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6"})
    void takesTopics(String text) {
        assertTrue(pattern(text).isTopic());
        assertEquals(text, pattern(text).text());
        assertTrue(pattern(text).matches(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.*", "a.>", "a.*.b", "a.*.*.>", "a.b.>"})
    void takesPatterns(String text) {
        assertFalse(pattern(text).isTopic());
        assertEquals("a", pattern(text).firstSegment());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "a.",
                ".a",
                "a..b",
                "*",
                ">",
                "*.a",
                ">.a",
                "a.>.b",
                "a.b*",
                "a.>>",
                "a b",
                "ä",
                "a/b",
                "a.%3E",
                "1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7"
            })
    void refusesAllElse(String text) {
        assertNull(TopicPattern.parse(text));
    }

    @Test
    void segmentsHaveAtMost64Characters() {
        assertNotNull(TopicPattern.parse(LONGEST + "." + LONGEST));
        assertNull(TopicPattern.parse(LONGEST + "s"));
        assertNull(TopicPattern.parse("x.".repeat(100_000)));
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, b, false",
        "a, a.b, false",
        "a.*, a.b, true",
        "a.*, a, false",
        "a.*, a.b.c, false",
        "a.*.c, a.b.c, true",
        "a.*.c, a.b.d, false",
        "a.>, a.b, true",
        "a.>, a.b.c.d, true",
        "a.>, a, false",
        "a.>, b.b, false",
        "a.*.>, a.b, false",
        "a.*.>, a.b.c, true"
    })
    void matches(String pattern, String topic, boolean expected) {
        assertEquals(expected, pattern(pattern).matches(topic));
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, true",
        "a, b, false",
        "a, a.>, false",
        "a.>, a.b, true",
        "a.*, a.b, true",
        "a.*, a.b.c, false",
        "a.*.c, a.b.*, true",
        "a.*.c, a.b.d, false",
        "a.>, a.*.c, true",
        "a.b.>, a.c.>, false",
        "a.>, b.>, false",
        "a.*, a.*.>, false"
    })
    void overlaps(String one, String other, boolean expected) {
        assertEquals(expected, pattern(one).overlaps(pattern(other)));
        assertEquals(expected, pattern(other).overlaps(pattern(one)));
    }
}
