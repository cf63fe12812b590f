package dev.peerline.fallback.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.contract.TopicsContract;
import dev.peerline.fallback.link.topic.Gap;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.fallback.link.wire.Cursor;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

final class DiskTopicsTest extends TopicsContract {
    private static final int MIB = 1024 * 1024;

    @TempDir private Path directory;

    private final AtomicLong epochs = new AtomicLong();
    private final List<Topics> opened = new ArrayList<>();

    @Override
    protected Topics open(TopicLimits limits) {
        return open("place" + opened.size(), limits);
    }

    private Topics open(String name, TopicLimits limits) {
        try {
            Topics topics =
                    DiskTopics.open(directory.resolve(name), limits, epochs::incrementAndGet);
            opened.add(topics);
            return topics;
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }

    @AfterEach
    void close() {
        opened.forEach(Topics::close);
    }

    @Test
    void idsCursorsAndMessagesAreTheSameAfterARestart() {
        Topics before = open("kept", limits(100));
        Cursor first = publish(before, "a.x", "1");
        publish(before, "b", "2");
        publish(before, "a.y", "3");
        before.close();
        Topics after = open("kept", limits(100));
        assertEquals(first.epoch(), after.log("a").epoch());
        assertEquals(List.of("1:1", "2:3"), read(after, "a.>", 0));
        assertEquals(List.of("2:3"), read(after, "a.>", 1));
        assertNull(gap(after, "a.>", 0));
        assertEquals(3, publish(after, "a.x", "4").offset());
        after.close();
        Topics later = open("kept", limits(100));
        assertEquals(List.of("1:1", "2:3", "3:4"), read(later, "a.>", 0));
        assertEquals(List.of("1:2"), read(later, "b", 0));
    }

    @Test
    void keysAndGapsSurviveToo() {
        Topics before = open("kept", limits(2));
        Cursor id = publish(before, "a.x", "1", "key", NOW);
        for (int i = 2; i <= 4; i++) publish(before, "a.y", "y" + i);
        before.close();
        for (int restart = 0; restart < 3; restart++) {
            Topics after = open("kept", limits(2));
            assertEquals(id, publish(after, "a.x", "1", "key", NOW + 1_000));
            assertEquals(List.of("3:y3", "4:y4"), read(after, "a.>", 0));
            Gap gap = gap(after, "a.x", 0);
            assertNotNull(gap);
            assertEquals(Gap.Reason.COUNT, gap.reason());
            assertNull(gap(after, "a.x", 1));
            assertNotNull(gap(after, "a.y", 1));
            after.close();
        }
    }

    @Test
    void aTailThatACrashCutOffIsDroppedAndAllBeforeItIsThere() throws IOException {
        Topics before = open("kept", limits(100));
        for (int i = 1; i <= 5; i++) publish(before, "a", "m" + i);
        before.close();
        List<Path> segments;
        try (Stream<Path> files = Files.list(directory.resolve("kept"))) {
            segments = files.filter(file -> file.toString().endsWith(".journal")).sorted().toList();
        }
        byte[] half = {0, 0, 1, 0, 5, 5, 5, 5, 18};
        Files.write(segments.getLast(), half, StandardOpenOption.APPEND);
        Topics after = open("kept", limits(100));
        assertEquals(5, read(after, "a", 0).size());
        assertEquals(6, publish(after, "a", "m6").offset());
    }

    @Test
    void theJournalDoesNotGrowWithoutEndAndKeepsAllThatIsKept() throws IOException {
        TopicLimits small = new TopicLimits(Duration.ofHours(1), 10, 64 * MIB, 64 * MIB, 100, 100);
        Topics before = open("kept", small);
        publish(before, "quiet", "still here");
        String large = "x".repeat(MIB);
        for (int i = 1; i <= 120; i++) publish(before, "busy", i + large);
        before.close();
        long bytes = 0;
        try (Stream<Path> files = Files.list(directory.resolve("kept"))) {
            for (Path file : files.toList()) bytes += Files.size(file);
        }
        assertTrue(bytes < 100L * MIB, bytes + " bytes");
        Topics after = open("kept", small);
        assertEquals(List.of("1:still here"), read(after, "quiet", 0));
        List<String> busy = read(after, "busy", 0);
        assertEquals(10, busy.size());
        assertTrue(busy.getFirst().startsWith("111:111x"));
        assertNotNull(gap(after, "busy", 109));
        assertNull(gap(after, "busy", 110));
    }

    @Test
    void aJournalOpensWhicheverOfItsSegmentsIsTheOldest() {
        TopicLimits small = new TopicLimits(Duration.ofHours(1), 10, 64 * MIB, 64 * MIB, 100, 100);
        String large = "x".repeat(MIB);
        Topics topics = open("kept", small);
        publish(topics, "quiet", "still here");
        // letting go of the first takes more than 64 MiB, of each other one 16 MiB more
        int published = 70;
        for (int i = 1; i <= published; i++) publish(topics, "busy", i + large);
        for (int i = 0; i < 3; i++) {
            topics.close();
            topics = open("kept", small);
            assertEquals(List.of("1:still here"), read(topics, "quiet", 0));
            assertEquals(10, read(topics, "busy", 0).size());
            for (int j = 0; j < 50 + 16 * i; j++) publish(topics, "busy", ++published + large);
        }
    }
}
