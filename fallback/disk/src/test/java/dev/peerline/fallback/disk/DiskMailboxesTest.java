package dev.peerline.fallback.disk;

import static dev.peerline.fallback.contract.LogContract.entry;
import static dev.peerline.fallback.contract.LogContract.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.Mailboxes.KeptRoom;
import dev.peerline.fallback.link.mailbox.Mailboxes.KeptSeat;
import dev.peerline.fallback.link.mailbox.Mailboxes.Shelf;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Id;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** A crash is a copy of the directory at some moment, and another server that begins with it. */
final class DiskMailboxesTest {
    private static final Id ADA = new Id(1, 1);
    private static final Id BOB = new Id(2, 2);

    @TempDir private Path home;

    private final AtomicLong epochs = new AtomicLong(100);
    private final List<DiskMailboxes> opened = new ArrayList<>();
    private int crashes;

    private DiskMailboxes open(Path directory) throws IOException {
        Budget budget = new Budget(Long.MAX_VALUE);
        LogLimits limits = new LogLimits(1 << 22, 100_000, budget);
        DiskMailboxes mailboxes = DiskMailboxes.open(directory, limits, epochs::incrementAndGet);
        opened.add(mailboxes);
        return mailboxes;
    }

    @AfterEach
    void close() {
        opened.forEach(DiskMailboxes::close);
    }

    /** The files as they are now, elsewhere. */
    private Path crash(Path directory) throws IOException {
        Path copy = Files.createDirectory(home.resolve("crash" + ++crashes));
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) Files.copy(file, copy.resolve(file.getFileName()));
        }
        return copy;
    }

    private static void keep(Shelf shelf) throws InterruptedException {
        CountDownLatch kept = new CountDownLatch(1);
        shelf.commit().whenKept(kept::countDown);
        assertTrue(kept.await(30, TimeUnit.SECONDS), "it was not kept");
    }

    private static KeptSeat seat(DiskMailboxes mailboxes, String room, Id id) {
        return mailboxes.kept().stream()
                .filter(kept -> kept.name().equals(room))
                .flatMap(kept -> kept.seats().stream())
                .filter(kept -> kept.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatWasKeptIsThereAfterACrash() throws Exception {
        DiskMailboxes before = open(home.resolve("data"));
        Shelf shelf = before.shelf("lobby");
        Log ada = shelf.open(ADA);
        Log bob = shelf.open(BOB);
        Bytes shared = Bytes.utf8("to both");
        ada.append(new LogEntry(Bytes.utf8("1"), shared));
        bob.append(new LogEntry(Bytes.utf8("2"), shared));
        bob.append(entry("to bob"));
        shelf.note(ada, Bytes.utf8("ada's session"));
        keep(shelf);

        DiskMailboxes after = open(crash(home.resolve("data")));
        assertEquals(List.of("1:to both"), read(seat(after, "lobby", ADA).mailbox(), 0));
        assertEquals(
                List.of("1:to both", "2:to bob"), read(seat(after, "lobby", BOB).mailbox(), 0));
        assertEquals(Bytes.utf8("ada's session"), seat(after, "lobby", ADA).session());
        assertNull(after.trouble());
    }

    @Test
    void whatWasNotCommittedTogetherIsNotKeptInPart() throws Exception {
        DiskMailboxes before = open(home.resolve("data"));
        Shelf shelf = before.shelf("lobby");
        Log ada = shelf.open(ADA);
        shelf.note(ada, Bytes.utf8("one"));
        keep(shelf);
        ada.append(entry("never committed"));
        shelf.note(ada, Bytes.utf8("two"));

        KeptSeat kept = seat(open(crash(home.resolve("data"))), "lobby", ADA);
        assertEquals(Bytes.utf8("one"), kept.session());
        assertEquals(0, kept.mailbox().head());
    }

    @Test
    void aTornRecordAtTheEndIsDroppedWholeAndWhatIsBeforeItStays() throws Exception {
        DiskMailboxes before = open(home.resolve("data"));
        Shelf shelf = before.shelf("lobby");
        Log ada = shelf.open(ADA);
        ada.append(entry("one"));
        keep(shelf);
        long whole = size(home.resolve("data"));
        ada.append(entry("two"));
        shelf.note(ada, Bytes.utf8("after two"));
        keep(shelf);
        long end = size(home.resolve("data"));
        // Every place where something begins is among these.
        for (long cut = whole; cut < end; cut += 1 + (cut - whole) / 4) {
            Path crashed = crash(home.resolve("data"));
            try (var channel = Files.newByteChannel(newest(crashed), StandardOpenOption.WRITE)) {
                channel.truncate(cut);
            }
            DiskMailboxes after = open(crashed);
            assertEquals(List.of("1:one"), read(seat(after, "lobby", ADA).mailbox(), 0));
            assertEquals(Bytes.EMPTY, seat(after, "lobby", ADA).session());
            after.close();
        }
    }

    @Test
    void damageElsewhereIsAnErrorThatNamesTheFile() throws Exception {
        Path data = home.resolve("data");
        DiskMailboxes before = open(data);
        Shelf shelf = before.shelf("lobby");
        shelf.open(ADA).append(entry("one"));
        keep(shelf);
        Path crashed = crash(data);
        Path file = newest(crashed);
        byte[] content = Files.readAllBytes(file);
        content[content.length - 3] ^= 1;
        Files.write(file, content);
        // It is not the last one: something came after it.
        Files.copy(newest(data), crashed.resolve("9999999999999999.journal"));
        IOException problem = assertThrows(IOException.class, () -> open(crashed));
        assertTrue(problem.toString().contains(file + " is damaged"), problem.toString());
    }

    @Test
    void aCursorOfAnEarlierLifeIsUnderstoodAsFarAsThatLifeWasKept() throws Exception {
        DiskMailboxes before = open(home.resolve("data"));
        Shelf shelf = before.shelf("lobby");
        Log ada = shelf.open(ADA);
        for (int i = 0; i < 3; i++) ada.append(entry("n" + i));
        keep(shelf);
        Path crashed = crash(home.resolve("data"));
        ada.append(entry("read, but not kept"));

        Log after = seat(open(crashed), "lobby", ADA).mailbox();
        assertNotEquals(ada.epoch(), after.epoch());
        assertEquals(2, after.resume(new Cursor(ada.epoch(), 2)));
        assertEquals(3, after.resume(new Cursor(ada.epoch(), 4)));
        assertEquals(-1, after.resume(new Cursor(12345, 1)));
        assertEquals(4, after.append(entry("new")));
        // Offset 4 of the earlier life is not this one.
        assertEquals(3, after.resume(new Cursor(ada.epoch(), 4)));
        assertEquals(List.of("4:new"), read(after, 3));
    }

    @Test
    void whatIsAcknowledgedOrLeftIsNotThereAgain() throws Exception {
        DiskMailboxes before = open(home.resolve("data"));
        Shelf shelf = before.shelf("lobby");
        Log ada = shelf.open(ADA);
        Log bob = shelf.open(BOB);
        for (int i = 0; i < 5; i++) ada.append(entry("n" + i));
        ada.acknowledge(3);
        bob.append(entry("x"));
        bob.close();
        keep(shelf);

        Path second = crash(home.resolve("data"));
        KeptRoom room = open(second).kept().getFirst();
        assertEquals(1, room.seats().size());
        Log kept = room.seats().getFirst().mailbox();
        assertEquals(List.of("4:n3", "5:n4"), read(kept, 0));
        assertEquals(3, kept.acknowledged());
        // And one that comes back is not mistaken for the one that left.
        room.shelf().open(BOB).append(entry("again"));
        keep(room.shelf());
        DiskMailboxes third = open(crash(second));
        assertEquals(List.of("1:again"), read(seat(third, "lobby", BOB).mailbox(), 0));
        assertEquals(List.of("4:n3", "5:n4"), read(seat(third, "lobby", ADA).mailbox(), 0));
    }

    @Test
    void aDirectoryServesOneServer() throws Exception {
        DiskMailboxes first = open(home.resolve("data"));
        IOException problem = assertThrows(IOException.class, () -> open(home.resolve("data")));
        assertTrue(problem.toString().contains("in use"), problem.toString());
        first.close();
        open(home.resolve("data"));
    }

    @Test
    void theJournalStaysSmallHoweverMuchGoesThroughIt() throws Exception {
        Path data = home.resolve("data");
        DiskMailboxes mailboxes = open(data);
        Shelf shelf = mailboxes.shelf("lobby");
        Log ada = shelf.open(ADA);
        Log quiet = shelf.open(BOB);
        quiet.append(entry("from the beginning"));
        shelf.note(quiet, Bytes.utf8("quiet"));
        LogEntry large = new LogEntry(Bytes.EMPTY, Bytes.of(new byte[256 * 1024]));
        for (int i = 0; i < 600; i++) {
            ada.append(large);
            ada.acknowledge(ada.head());
            if (i % 20 == 0) keep(shelf);
            else shelf.commit();
        }
        keep(shelf);
        mailboxes.close();
        assertTrue(size(data) < 90L * 1024 * 1024, "it has " + size(data));
        DiskMailboxes after = open(data);
        Log kept = seat(after, "lobby", BOB).mailbox();
        assertEquals(List.of("1:from the beginning"), read(kept, 0));
        assertEquals(Bytes.utf8("quiet"), seat(after, "lobby", BOB).session());
        assertEquals(600, seat(after, "lobby", ADA).mailbox().head());
        assertTrue(size(data) < 1024 * 1024, "after the start it has " + size(data));
    }

    @Test
    void manyLivesOfManyLogsWithRandomCrashesLoseNothingThatWasKept() throws Exception {
        long seed = System.nanoTime();
        System.out.println("DiskMailboxes seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Path data = home.resolve("life0");
        long appended = 0;
        long acknowledged = 0;
        for (int life = 1; life <= 20; life++) {
            DiskMailboxes mailboxes = open(data);
            boolean first = mailboxes.kept().isEmpty();
            Shelf shelf = first ? mailboxes.shelf("lobby") : mailboxes.kept().getFirst().shelf();
            Log log = first ? shelf.open(ADA) : seat(mailboxes, "lobby", ADA).mailbox();
            assertEquals(appended, log.head());
            assertEquals(acknowledged, log.acknowledged());
            List<String> held = read(log, 0);
            assertEquals(appended - acknowledged, held.size());
            for (int i = 0; i < held.size(); i++) {
                long offset = acknowledged + 1 + i;
                assertEquals(offset + ":n" + offset, held.get(i));
            }
            for (int step = random.nextInt(50); step >= 0; step--) {
                log.append(entry("n" + (log.head() + 1)));
                if (random.nextInt(3) == 0) {
                    log.acknowledge(random.nextLong(log.acknowledged(), log.head() + 1));
                }
                if (random.nextInt(4) == 0) shelf.commit();
            }
            shelf.note(log, Bytes.utf8("life " + life));
            keep(shelf);
            appended = log.head();
            acknowledged = log.acknowledged();
            Path next = Files.createDirectory(home.resolve("life" + life));
            try (Stream<Path> files = Files.list(data)) {
                for (Path file : files.toList()) {
                    Files.copy(file, next.resolve(file.getFileName()));
                }
            }
            mailboxes.close();
            data = next;
        }
        assertFalse(opened.isEmpty());
    }

    private static Path newest(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .max(Path::compareTo)
                    .orElseThrow();
        }
    }

    private static long size(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".journal"))
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
