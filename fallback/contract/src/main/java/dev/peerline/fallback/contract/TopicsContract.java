package dev.peerline.fallback.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.topic.Gap;
import dev.peerline.fallback.link.topic.Page;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.topic.Topics.Outcome;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** What all topics do, wherever they keep their messages. */
public abstract class TopicsContract {
    private static final int PATIENCE_SECONDS = 60;

    /** Some moment. */
    protected static final long NOW = 1_800_000_000_000L;

    /** Topics in which nothing was ever published. */
    protected abstract Topics open(TopicLimits limits);

    protected static TopicLimits limits(int maxMessages) {
        return limits(maxMessages, 1_000);
    }

    private static TopicLimits limits(int maxMessages, int maxTopics) {
        return new TopicLimits(Duration.ofHours(1), maxMessages, 1 << 20, 1 << 22, maxTopics, 100);
    }

    public static TopicPattern pattern(String text) {
        TopicPattern pattern = TopicPattern.parse(text);
        assertNotNull(pattern, text);
        return pattern;
    }

    public static TopicFilter filter(String text) {
        return TopicFilter.all(pattern(text));
    }

    /** Publishes, and waits until it is kept. */
    public static Cursor publish(Topics topics, String topic, String text) {
        return publish(topics, topic, text, null, NOW);
    }

    public static Cursor publish(
            Topics topics, String topic, String text, @Nullable String key, long nowMillis) {
        CompletableFuture<Cursor> kept = new CompletableFuture<>();
        assertEquals(Outcome.TAKEN, offer(topics, topic, text, key, nowMillis, kept));
        try {
            return kept.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException problem) {
            throw new AssertionError(problem);
        }
    }

    private static Outcome offer(
            Topics topics,
            String topic,
            String text,
            @Nullable String key,
            long nowMillis,
            CompletableFuture<Cursor> kept) {
        Publication publication =
                new Publication(pattern(topic), "text/plain", Bytes.utf8(text), key);
        return topics.publish(publication, nowMillis, kept::complete);
    }

    /** What there is to read after an offset, as {@code offset:text}. */
    public static List<String> read(Topics topics, String pattern, long after) {
        TopicFilter filter = filter(pattern);
        Page page = log(topics, filter).read(filter, after, Integer.MAX_VALUE, Long.MAX_VALUE);
        return texts(page);
    }

    private static TopicLog log(Topics topics, TopicFilter filter) {
        return topics.log(filter.pattern().firstSegment());
    }

    private static List<String> texts(Page page) {
        return page.messages().stream().map(TopicsContract::text).toList();
    }

    private static String text(TopicMessage message) {
        String body = new String(message.body().toArray(), StandardCharsets.UTF_8);
        return message.offset() + ":" + body;
    }

    /** The gap that a reader of a pattern is told; null for none. */
    public static @Nullable Gap gap(Topics topics, String pattern, long after) {
        TopicFilter filter = filter(pattern);
        return log(topics, filter).read(filter, after, 1, 1).gap();
    }

    @Test
    void anUnusedTopicIsEmptyAndItsCursorIsGoodLater() {
        Topics topics = open(limits(10));
        TopicLog log = topics.log("news");
        assertEquals(log.head(), log.forgotten());
        Cursor cursor = TopicReader.now(log, filter("news")).cursor();
        assertTrue(log.knows(cursor));
        assertEquals(List.of(), read(topics, "news", cursor.offset()));
        assertEquals(0, topics.gauges().logs());
        publish(topics, "news", "a");
        assertEquals(List.of("1:a"), read(topics, "news", cursor.offset()));
        assertNull(gap(topics, "news", cursor.offset()));
    }

    @Test
    void readersBeginAfterAnyCursorAndSeeAllThatFollowsInOrder() {
        Topics topics = open(limits(100));
        List<String> all = new ArrayList<>();
        for (int i = 1; i <= 20; i++) {
            Cursor id = publish(topics, "news", "m" + i);
            assertEquals(i, id.offset());
            assertEquals(topics.log("news").epoch(), id.epoch());
            all.add(i + ":m" + i);
        }
        for (int after = 0; after <= 20; after++) {
            assertEquals(all.subList(after, 20), read(topics, "news", after));
            assertNull(gap(topics, "news", after));
        }
    }

    @Test
    void topicsOfOneFirstSegmentShareOffsetsAndOthersDoNot() {
        Topics topics = open(limits(100));
        assertEquals(1, publish(topics, "prices.eur", "a").offset());
        assertEquals(2, publish(topics, "prices.usd", "b").offset());
        assertEquals(3, publish(topics, "prices.eur.spot", "c").offset());
        assertEquals(1, publish(topics, "news", "d").offset());
        assertEquals(List.of("1:a"), read(topics, "prices.eur", 0));
        assertEquals(List.of("1:a", "2:b"), read(topics, "prices.*", 0));
        assertEquals(List.of("1:a", "2:b", "3:c"), read(topics, "prices.>", 0));
        assertEquals(List.of("3:c"), read(topics, "prices.*.spot", 0));
        assertEquals(List.of(), read(topics, "prices", 0));
    }

    @Test
    void aReaderGetsOfAPatternOnlyWhatItMayRead() {
        Topics topics = open(limits(2));
        publish(topics, "prices.eur", "a");
        publish(topics, "prices.usd", "b");
        publish(topics, "prices.usd", "c");
        TopicFilter filter = new TopicFilter(pattern("prices.>"), List.of(pattern("prices.usd")));
        Page page = topics.log("prices").read(filter, 0, 10, 1_000);
        assertEquals(List.of("2:b", "3:c"), texts(page));
        assertNull(page.gap(), "what it may not read is no loss to it");
        TopicFilter shut = new TopicFilter(pattern("prices.>"), List.of(pattern("news.>")));
        assertFalse(shut.isOpen());
        assertEquals(List.of(), texts(topics.log("prices").read(shut, 0, 10, 1_000)));
    }

    @Test
    void pagesAreLimitedAndGoOnWhereTheyEnded() {
        Topics topics = open(limits(100));
        for (int i = 1; i <= 5; i++) {
            publish(topics, "a.x", "x" + i);
            publish(topics, "a.y", "y" + i);
        }
        TopicReader reader = TopicReader.oldest(topics.log("a"), filter("a.x"));
        Page first = reader.next(2, 1_000);
        assertEquals(List.of("1:x1", "3:x2"), texts(first));
        assertTrue(first.more());
        assertEquals(List.of("5:x3"), texts(reader.next(10, 1)));
        Page last = reader.next(10, 1_000);
        assertEquals(List.of("7:x4", "9:x5"), texts(last));
        assertFalse(last.more());
        assertEquals(10, reader.position());
    }

    @Test
    void whatIsForgottenIsToldExactlyToThoseWhoMissedIt() {
        Topics topics = open(limits(3));
        publish(topics, "a.x", "1");
        publish(topics, "a.y", "2");
        publish(topics, "a.x", "3");
        publish(topics, "a.y", "4");
        publish(topics, "a.y", "5");
        // 1 and 2 are forgotten.
        assertEquals(List.of("3:3", "4:4", "5:5"), read(topics, "a.>", 0));
        Gap gap = gap(topics, "a.x", 0);
        assertNotNull(gap);
        assertEquals(0, gap.after().offset());
        assertEquals(3, gap.oldest().offset());
        assertEquals(Gap.Reason.COUNT, gap.reason());
        assertNull(gap(topics, "a.x", 1), "x lost nothing after 1");
        assertNotNull(gap(topics, "a.y", 1));
        assertNotNull(gap(topics, "a.>", 1));
        assertNull(gap(topics, "a.>", 2));
        assertNull(gap(topics, "a.z", 0));
    }

    @Test
    void aTopicWithoutAnythingLeftStillTellsItsGap() {
        Topics topics = open(limits(2));
        publish(topics, "a.x", "1");
        for (int i = 2; i <= 4; i++) publish(topics, "a.y", "y");
        Gap gap = gap(topics, "a.x", 0);
        assertNotNull(gap);
        assertEquals(4, gap.oldest().offset(), "reads on after it");
        assertNull(gap(topics, "a.x", 1));
    }

    @Test
    void ageAndBytesForgetToo() {
        Topics topics = open(limits(1_000));
        publish(topics, "old", "1", null, NOW);
        publish(topics, "old", "2", null, NOW + 2_000);
        topics.advance(NOW + Duration.ofHours(1).toMillis() + 1_000);
        assertEquals(List.of("2:2"), read(topics, "old", 0));
        Gap aged = gap(topics, "old", 0);
        assertNotNull(aged);
        assertEquals(Gap.Reason.AGE, aged.reason());
        String large = "x".repeat(40_000);
        for (int i = 0; i < 20; i++) publish(topics, "large", large);
        Gap gap = gap(topics, "large", 0);
        assertNotNull(gap);
        assertEquals(Gap.Reason.BYTES, gap.reason());
        assertTrue(topics.gauges().bytes() < 1 << 21);
    }

    @Test
    void aCursorOfAnotherLifeIsToldAsAGapAndThenAllThatIsKeptComes() {
        Topics topics = open(limits(10));
        publish(topics, "news", "a");
        TopicLog log = topics.log("news");
        for (Cursor strange : List.of(new Cursor(log.epoch() + 1, 1), new Cursor(log.epoch(), 2))) {
            TopicReader reader = TopicReader.after(log, filter("news"), strange);
            Page page = reader.next(10, 1_000);
            Gap gap = page.gap();
            assertNotNull(gap);
            assertEquals(strange, gap.after());
            assertEquals(1, gap.oldest().offset());
            assertEquals(Gap.Reason.RESTART, gap.reason());
            assertEquals(List.of("1:a"), texts(page));
            assertNull(reader.next(10, 1_000).gap(), "told once");
        }
    }

    @Test
    void aRetryWithTheSameKeyIsTheSameMessageForTenMinutes() {
        Topics topics = open(limits(2));
        Cursor id = publish(topics, "a.x", "1", "k", NOW);
        assertEquals(id, publish(topics, "a.x", "1", "k", NOW + 1));
        assertEquals(List.of("1:1"), read(topics, "a.>", 0));
        assertNotEquals(id, publish(topics, "a.y", "2", "k", NOW + 2), "a key is of one topic");
        for (int i = 0; i < 5; i++) publish(topics, "a.x", "more");
        long end = NOW + Duration.ofMinutes(10).toMillis();
        assertEquals(id, publish(topics, "a.x", "1", "k", end - 1), "though it is forgotten");
        assertNotEquals(id, publish(topics, "a.x", "1", "k", end));
    }

    @Test
    void thereAreNoMoreKeysThanTheLimit() {
        Topics topics = open(limits(1_000));
        for (int i = 0; i < 100; i++) publish(topics, "a", "m", "k" + i, NOW);
        CompletableFuture<Cursor> never = new CompletableFuture<>();
        assertEquals(Outcome.TOO_MANY_KEYS, offer(topics, "a", "m", "one more", NOW, never));
        assertFalse(never.isDone());
        publish(topics, "a", "m", "k0", NOW);
        publish(topics, "a", "m", "one more", NOW + Duration.ofMinutes(10).toMillis());
    }

    @Test
    void thereAreNoMoreTopicsThanTheLimitUntilOnesWithoutMessagesMakeRoom() {
        Topics topics = open(limits(2, 3));
        publish(topics, "a.x", "1");
        publish(topics, "b", "2");
        publish(topics, "c", "3");
        CompletableFuture<Cursor> never = new CompletableFuture<>();
        assertEquals(Outcome.TOO_MANY_TOPICS, offer(topics, "d", "m", null, NOW, never));
        publish(topics, "a.x", "known ones are welcome");
        long later = NOW + Duration.ofHours(2).toMillis();
        publish(topics, "c", "young", null, later);
        Cursor id = publish(topics, "d", "4", null, later);
        assertEquals(2, topics.log("d").forgotten(), "no offset is given twice");
        assertEquals(3, id.offset());
        // Of those that made room nothing is known but that something is lost.
        assertNotNull(gap(topics, "a.x", 0));
        publish(topics, "a.x", "again", null, later + 2_000);
        assertNotNull(gap(topics, "a.x", 1));
        assertEquals(List.of(), List.copyOf(read(topics, "a.y", 0)));
    }

    @Test
    void thoseWhoWaitAreWokenWhenAMessageIsVisibleUntilTheyCancel() {
        Topics topics = open(limits(10));
        TopicLog log = topics.log("news");
        AtomicInteger wakes = new AtomicInteger();
        List<Long> heads = new ArrayList<>();
        TopicLog.Waiting waiting =
                log.await(
                        () -> {
                            wakes.incrementAndGet();
                            heads.add(log.head());
                        });
        topics.advance(NOW);
        publish(topics, "news", "a");
        publish(topics, "news.x", "b");
        publish(topics, "other", "c");
        // Publishers may be told before readers are woken.
        publish(topics, "news", "d");
        waiting.cancel();
        int before = wakes.get();
        assertTrue(before >= 2 && heads.contains(1L), heads.toString());
        publish(topics, "news", "e");
        assertEquals(before, wakes.get());
    }

    @Test
    void ordersAndForgetsOverALongLife() {
        long seed = System.nanoTime();
        System.out.println("TopicsContract seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Topics topics = open(limits(64));
        String[] names = {"a", "a.x", "a.y", "a.x.z"};
        List<TopicReader> readers = new ArrayList<>();
        List<List<String>> got = new ArrayList<>();
        List<List<String>> sent = new ArrayList<>();
        for (String name : names) {
            readers.add(TopicReader.now(topics.log("a"), filter(name)));
            got.add(new ArrayList<>());
            sent.add(new ArrayList<>());
        }
        for (int i = 1; i <= 3_000; i++) {
            int topic = random.nextInt(names.length);
            sent.get(topic).add(publish(topics, names[topic], "m" + i).offset() + ":m" + i);
            int reader = random.nextInt(names.length);
            Page page = readers.get(reader).next(1 + random.nextInt(20), 1_000);
            got.get(reader).addAll(texts(page));
            if (page.gap() != null) {
                long oldest = page.gap().oldest().offset();
                // What is missing is gone, and nothing else.
                sent.get(reader)
                        .removeIf(text -> offset(text) < oldest && !got.get(reader).contains(text));
            }
        }
        for (int reader = 0; reader < names.length; reader++) {
            got.get(reader).addAll(texts(readers.get(reader).next(1_000, 1_000_000)));
            assertEquals(sent.get(reader), got.get(reader), "seed " + seed);
        }
    }

    private static long offset(String text) {
        return Long.parseLong(text.substring(0, text.indexOf(':')));
    }
}
