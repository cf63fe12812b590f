package dev.peerline.fallback.link.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.pair.Scope;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is promised, held against what became of a {@link Story}: that, and no less. */
final class Promise {
    private static final long SECOND_NANOS = 1_000 * VirtualClock.MS;

    private final Story story;
    private final Map<Heard, List<Integer>> heard = new HashMap<>();

    private Promise(Story story) {
        this.story = story;
    }

    /**
     * Everything once and in order; with {@code lives} see {@link #checkWhatMayBeLost} and {@link
     * #checkWhatMayComeAgain}. In memory, nothing is left.
     */
    static void check(Story story, boolean lives) {
        Promise promise = new Promise(story);
        for (List<SimulatedPeer> pages : story.pages().values()) pages.forEach(promise::hear);
        story.sent().forEach((stream, numbers) -> promise.checkStream(stream, numbers, lives));
        for (SimulatedPeer page : story.network().peers()) promise.checkMemory(page);
        for (List<SimulatedPeer> pages : story.pages().values()) {
            for (SimulatedPeer page : pages) promise.checkEvents(page, lives);
        }
    }

    /** What one page was handed of one page of another peer, on one channel. */
    private record Heard(SimulatedPeer reader, Member from, boolean toRoom, String channel) {}

    private record Receipts(Set<Integer> missed, Map<Integer, Long> settledAtNanos) {}

    private void checkStream(Story.Stream stream, List<Integer> numbers, boolean lives) {
        List<SimulatedPeer> readers = story.pages().getOrDefault(stream.to(), List.of());
        String why =
                "seed %d: %s/%d to %s, %s '%s'"
                        .formatted(
                                story.seed(),
                                stream.from().name(),
                                stream.from().member().incarnation(),
                                readers.getFirst().name(),
                                stream.toRoom() ? "room" : "peer",
                                stream.channel());
        List<List<Integer>> lists = new ArrayList<>();
        for (SimulatedPeer reader : readers) lists.add(received(reader, stream));
        if (!lives) {
            assertEquals(List.of(numbers), lists, why);
            return;
        }
        Set<Integer> known = new HashSet<>(numbers);
        for (List<Integer> list : lists) {
            for (int i = 0; i < list.size(); i++) {
                assertTrue(known.contains(list.get(i)), why + ": not for it: " + list.get(i));
                assertTrue(i == 0 || list.get(i - 1) < list.get(i), why + ": order of " + list);
            }
        }
        Receipts receipts = receipts(stream);
        checkWhatMayBeLost(stream, numbers, lists, receipts, why);
        checkWhatMayComeAgain(stream, lists, receipts, why);
    }

    /**
     * Of a page that is open at the end: what was given up for this reader, which its receipt says
     * as missed; and where the server had expelled the sender, what the reader was told as a gap.
     * Of one that reloaded: anything. Of one that left when the server had taken all: what was told
     * as a gap, unless the server has forgotten the reader's mailbox, or its page reloaded twice.
     */
    private void checkWhatMayBeLost(
            Story.Stream stream,
            List<Integer> numbers,
            List<List<Integer>> lists,
            Receipts receipts,
            String why) {
        Set<Integer> lost = new HashSet<>(numbers);
        lists.forEach(lost::removeAll);
        lost.removeAll(receipts.missed());
        Story.Ending ending = story.ending(stream.from());
        boolean expelled = story.wasForgotten(stream.from().id());
        if (ending == null) {
            long told = expelled ? gaps(stream, stream.channel(), stream.toRoom()) : 0;
            assertTrue(lost.size() <= told, () -> why + ": lost " + lost);
        } else if (ending.clean()
                && !story.wasForgotten(stream.to())
                && !reloadedTwice(stream.to(), ending.atNanos() - SECOND_NANOS)
                && !story.restartedAfter(ending.atNanos() - SECOND_NANOS)) {
            // A new page may not know the name of the channel.
            long told = gaps(stream, stream.channel(), stream.toRoom()) + gaps(stream, "", false);
            assertTrue(lost.size() <= told, () -> why + ": lost at parting " + lost);
        }
    }

    /**
     * A page keeps what was for the one before in its memory, until the sender speaks or leaves.
     */
    private boolean reloadedTwice(Id reader, long sinceNanos) {
        int reloads = 0;
        for (SimulatedPeer page : story.pages().getOrDefault(reader, List.of())) {
            Story.Ending end = story.ending(page);
            if (end != null && end.atNanos() >= sinceNanos) reloads++;
        }
        return reloads > 1;
    }

    /**
     * To a new page: what was not acknowledged when the old one was closed. What was, only when its
     * sender is gone, or seems to be after a restart, and the mailbox had not learned of it.
     */
    private void checkWhatMayComeAgain(
            Story.Stream stream, List<List<Integer>> lists, Receipts receipts, String why) {
        if (story.wasForgotten(stream.from().id()) || story.ending(stream.from()) != null) return;
        List<SimulatedPeer> readers = story.pages().getOrDefault(stream.to(), List.of());
        for (int i = 1; i < lists.size(); i++) {
            Story.Ending before = story.ending(readers.get(i - 1));
            long closedAt = before == null ? Long.MAX_VALUE : before.atNanos();
            if (story.restartedAfter(closedAt)) continue;
            for (int number : lists.get(i)) {
                long settledAt = receipts.settledAtNanos().getOrDefault(number, Long.MAX_VALUE);
                assertTrue(settledAt >= closedAt, () -> why + ": came again: " + number);
            }
        }
    }

    private Receipts receipts(Story.Stream stream) {
        Set<Integer> missed = new HashSet<>();
        Map<Integer, Long> settledAt = new HashMap<>();
        Map<Long, Integer> handles = story.handles(stream.from());
        for (SimulatedPeer.Told told : stream.from().told()) {
            if (!(told.event() instanceof PairEvent.Settled settled)) continue;
            int number = handles.getOrDefault(settled.handle(), 0);
            settledAt.put(number, told.atNanos());
            if (settled.missed().contains(stream.to())) missed.add(number);
        }
        return new Receipts(missed, settledAt);
    }

    /** How much the reader's pages were told to be lost. */
    private long gaps(Story.Stream stream, String channel, boolean room) {
        long count = 0;
        for (SimulatedPeer reader : story.pages().getOrDefault(stream.to(), List.of())) {
            for (SimulatedPeer.Told told : reader.told()) {
                if (told.event() instanceof PairEvent.Gap gap
                        && gap.from().equals(stream.from().id())
                        && gap.channel().equals(channel)
                        && (gap.scope() == Scope.ROOM) == room) {
                    count += gap.count();
                }
            }
        }
        return count;
    }

    /** Notes the numbers that a page was handed, each of a message that is whole. */
    private void hear(SimulatedPeer reader) {
        for (SimulatedPeer.Told told : reader.told()) {
            if (!(told.event() instanceof PairEvent.Message message)) continue;
            String text = new String(message.payload().toArray(), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            long incarnation = Long.parseLong(text, 0, colon, 10);
            int number = Integer.parseInt(text, colon + 1, text.indexOf(' '), 10);
            assertEquals(
                    Story.text(incarnation, number, text.length()),
                    text,
                    () -> "seed " + story.seed());
            heard.computeIfAbsent(
                            new Heard(
                                    reader,
                                    new Member(message.from(), incarnation),
                                    message.scope() == Scope.ROOM,
                                    message.channel()),
                            _ -> new ArrayList<>())
                    .add(number);
        }
    }

    private List<Integer> received(SimulatedPeer reader, Story.Stream stream) {
        Heard from = new Heard(reader, stream.from().member(), stream.toRoom(), stream.channel());
        return heard.getOrDefault(from, List.of());
    }

    private void checkMemory(SimulatedPeer page) {
        String why = "seed %d: %s".formatted(story.seed(), page.name());
        assertEquals(new Endpoint.Held(0, 0), page.endpoint().held(), why);
        assertEquals(0, page.session().upBytes(), why + "'s way up");
        assertEquals(0, story.network().server().waitingFor(page.id()), why + "'s mailbox");
        for (SimulatedPeer other : story.network().peers()) {
            long silent = page.endpoint().silentForNanos(other.id(), story.network().clock().now());
            assertEquals(0, silent, why + " waits for " + other.name());
            assertEquals(0, page.endpoint().waitingBytes(other.id()), why);
        }
    }

    private void checkEvents(SimulatedPeer page, boolean lives) {
        String why = "seed %d: %s".formatted(story.seed(), page.name());
        int settled = 0;
        for (SimulatedPeer.Told told : page.told()) {
            if (told.event() instanceof PairEvent.Settled receipt) {
                settled++;
                assertTrue(lives || receipt.missed().isEmpty(), why + " missed " + receipt);
            }
            assertTrue(lives || !(told.event() instanceof PairEvent.Gap), why + " has a gap");
        }
        if (story.ending(page) == null) {
            assertEquals(story.handles(page).size(), settled, why + "'s receipts");
        }
    }
}
