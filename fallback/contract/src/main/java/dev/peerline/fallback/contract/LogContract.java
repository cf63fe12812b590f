package dev.peerline.fallback.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** What every log does, wherever it keeps its entries. */
public abstract class LogContract {
    /** A new, empty log, with an epoch of its own. */
    protected abstract Log open(LogLimits limits);

    private Log open() {
        return open(1 << 20, 1_000);
    }

    private Log open(long maxBytes, int maxEntries) {
        return open(new LogLimits(maxBytes, maxEntries, new Budget(Long.MAX_VALUE)));
    }

    public static LogEntry entry(String text) {
        return new LogEntry(Bytes.utf8("header "), Bytes.utf8(text));
    }

    /** What a reader sees after an offset, as {@code offset:text}. */
    public static List<String> read(Log log, long after) {
        List<String> seen = new ArrayList<>();
        log.read(after, (offset, entry) -> seen.add(offset + ":" + text(entry)));
        return seen;
    }

    private static String text(LogEntry entry) {
        return new String(entry.body().toArray(), StandardCharsets.UTF_8);
    }

    @Test
    void aNewLogIsEmpty() {
        Log log = open();
        assertEquals(0, log.head());
        assertEquals(0, log.acknowledged());
        assertEquals(0, log.forgotten());
        assertEquals(0, log.bytes());
        assertEquals(List.of(), read(log, 0));
    }

    @Test
    void twoLogsHaveTwoEpochs() {
        assertNotEquals(open().epoch(), open().epoch());
    }

    @Test
    void offsetsCountFromOneAndReadersBeginAfterTheirs() {
        Log log = open();
        assertEquals(1, log.append(entry("a")));
        assertEquals(2, log.append(entry("b")));
        assertEquals(3, log.append(entry("c")));
        assertEquals(3, log.head());
        assertEquals(List.of("1:a", "2:b", "3:c"), read(log, 0));
        assertEquals(List.of("3:c"), read(log, 2));
        assertEquals(List.of(), read(log, 3));
        assertEquals(List.of(), read(log, 99));
    }

    @Test
    void aReaderThatHasEnoughIsShownNoMore() {
        Log log = open();
        for (String text : List.of("a", "b", "c")) log.append(entry(text));
        List<Long> shown = new ArrayList<>();
        log.read(
                0,
                (offset, _) -> {
                    shown.add(offset);
                    return offset < 2;
                });
        assertEquals(List.of(1L, 2L), shown);
    }

    @Test
    void whatIsAcknowledgedIsForgottenAndItsMemoryGivenBack() {
        Log log = open();
        for (String text : List.of("a", "b", "c")) log.append(entry(text));
        log.acknowledge(2);
        assertEquals(2, log.acknowledged());
        assertEquals(2, log.forgotten());
        assertEquals(List.of("3:c"), read(log, 0));
        log.acknowledge(1);
        assertEquals(2, log.acknowledged());
        log.acknowledge(3);
        assertEquals(0, log.bytes());
        assertEquals(4, log.append(entry("d")));
        assertEquals(List.of("4:d"), read(log, 3));
    }

    @Test
    void anAcknowledgementBeyondTheHeadIsOneOfTheHead() {
        Log log = open();
        log.append(entry("a"));
        log.acknowledge(100);
        assertEquals(1, log.acknowledged());
        assertEquals(2, log.append(entry("b")));
        assertEquals(List.of("2:b"), read(log, 1));
    }

    @Test
    void beyondItsEntriesTheOldestAreForgottenAndThatIsTold() {
        Log log = open(1 << 20, 3);
        for (String text : List.of("a", "b", "c", "d", "e")) log.append(entry(text));
        assertEquals(2, log.forgotten());
        assertEquals(0, log.acknowledged());
        assertEquals(List.of("3:c", "4:d", "5:e"), read(log, 0));
    }

    @Test
    void beyondItsBytesTheOldestAreForgottenButNeverTheNewest() {
        Log log = open(10_000, 1_000);
        for (int i = 0; i < 100; i++) log.append(entry("x".repeat(1_000)));
        assertTrue(log.bytes() <= 10_000);
        assertTrue(log.head() - log.forgotten() >= 8);
        log.append(entry("y".repeat(50_000)));
        assertEquals(100, log.forgotten());
        assertEquals(1, read(log, 0).size());
    }

    @Test
    void thoseWhoWaitAreWokenAtEachSignalUntilTheyCancel() {
        Log log = open();
        AtomicInteger wakes = new AtomicInteger();
        Log.Waiting waiting = log.await(wakes::incrementAndGet);
        log.append(entry("a"));
        assertEquals(0, wakes.get());
        log.signal();
        log.signal();
        assertEquals(2, wakes.get());
        waiting.cancel();
        log.signal();
        assertEquals(2, wakes.get());
    }

    @Test
    void aCursorOfThisLogIsKnownUpToItsHeadAndNoOther() {
        Log log = open();
        for (String text : List.of("a", "b")) log.append(entry(text));
        assertEquals(0, log.resume(new Cursor(log.epoch(), 0)));
        assertEquals(2, log.resume(new Cursor(log.epoch(), 2)));
        assertEquals(-1, log.resume(new Cursor(log.epoch(), 3)));
        assertEquals(-1, log.resume(new Cursor(log.epoch() + 1, 1)));
    }

    @Test
    void closingGivesEverythingBack() {
        Log log = open();
        for (int i = 0; i < 50; i++) log.append(entry("x"));
        log.close();
        assertEquals(0, log.bytes());
    }

    @Test
    void keepsOrderOverALongLife() {
        long seed = System.nanoTime();
        System.out.println("LogContract seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Log log = open(100_000, 64);
        long acknowledged = 0;
        for (int i = 0; i < 20_000; i++) {
            log.append(entry("n" + log.head()));
            if (random.nextInt(4) == 0) {
                acknowledged = random.nextLong(acknowledged, log.head() + 1);
                log.acknowledge(acknowledged);
            }
            if (random.nextInt(50) == 0) assertHolds(log);
        }
        log.acknowledge(log.head());
        assertEquals(0, log.bytes());
    }

    private static void assertHolds(Log log) {
        List<String> held = read(log, 0);
        assertEquals(log.head() - log.forgotten(), held.size());
        for (int i = 0; i < held.size(); i++) {
            long offset = log.forgotten() + 1 + i;
            assertEquals(offset + ":n" + (offset - 1), held.get(i));
        }
    }
}
