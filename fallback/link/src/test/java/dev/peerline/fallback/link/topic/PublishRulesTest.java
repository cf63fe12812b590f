package dev.peerline.fallback.link.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.topic.PublishRules.Code;
import dev.peerline.fallback.link.topic.PublishRules.Refused;
import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.Objects;

final class PublishRulesTest {
    private static final int MAX = 100;

    private static @Nullable Code code(@Nullable Refused refused) {
        return refused == null ? null : refused.code();
    }

    @Test
    void messagesGoToOneTopic() {
        assertNull(PublishRules.judge(TopicPattern.parse("a.b")));
        assertEquals(Code.BAD_TOPIC, code(PublishRules.judge(TopicPattern.parse("a.*"))));
        assertEquals(Code.BAD_TOPIC, code(PublishRules.judge((TopicPattern) null)));
    }

    @Test
    void keysAndTypesAreVisibleAndShort() {
        assertNull(PublishRules.judge(null, null, -1, MAX));
        assertNull(PublishRules.judge("text/plain; charset=x", "~!", MAX, MAX));
        assertNull(PublishRules.judge("", "k".repeat(255), 0, MAX));
        for (String key : new String[] {"", " ", "a b", "ü", "\t", "\u007f", "k".repeat(256)}) {
            assertEquals(Code.BAD_REQUEST, code(PublishRules.judge(null, key, 0, MAX)), key);
        }
        for (String type : new String[] {"a\nb", "ü", "t".repeat(256)}) {
            assertEquals(Code.BAD_REQUEST, code(PublishRules.judge(type, null, 0, MAX)), type);
        }
        assertEquals(Code.MESSAGE_TOO_LARGE, code(PublishRules.judge(null, "", MAX + 1, MAX)));
    }

    @Test
    void whatHasNoTypeIsBytes() {
        TopicPattern topic = Objects.requireNonNull(TopicPattern.parse("a"));
        for (String type : new String[] {null, "", " "}) {
            Publication publication = PublishRules.publication(topic, type, Bytes.EMPTY, null);
            assertEquals("application/octet-stream", publication.type());
        }
        assertEquals("x/y", PublishRules.publication(topic, "x/y", Bytes.EMPTY, null).type());
    }

    @Test
    void whatALogRefusesMayBeTriedAgain() {
        try (Topics topics = new MemoryTopics(1, TopicLimits.DEFAULT)) {
            for (Topics.Outcome outcome : Topics.Outcome.values()) {
                Refused refused = PublishRules.refusal(outcome, topics);
                if (outcome == Topics.Outcome.TAKEN) {
                    assertNull(refused);
                } else {
                    assertNotNull(refused);
                    assertEquals(outcome.name(), refused.code().name());
                    assertTrue(refused.retryAfterMillis() > 0);
                }
            }
        }
    }
}
