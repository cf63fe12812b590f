package dev.peerline.sdk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** What one life said in one order, and what became of it. */
final class Sayings {
    private final Person speaker;
    private final Person listener;
    private final SimulatedRoom life;
    private final boolean direct;
    private final String channel;
    private final List<String> texts = new ArrayList<>();
    private final List<CompletableFuture<Receipt>> receipts = new ArrayList<>();

    Sayings(Person speaker, Person listener, boolean direct, String channel) {
        this.speaker = speaker;
        this.listener = listener;
        this.direct = direct;
        this.channel = channel;
        life = speaker.life();
    }

    void add(String text, CompletableFuture<Receipt> receipt) {
        texts.add(text);
        receipts.add(receipt);
    }

    void check(String why) {
        boolean lives = life == speaker.life();
        if (lives && !listener.reloaded()) {
            assertEquals(numbers(texts), numbers(heard(listener.life())), why);
            assertEquals(texts, heard(listener.life()), why);
        }
        Set<String> arrived = new HashSet<>();
        for (SimulatedRoom each : listener.lives) arrived.addAll(inOrder(each, why));
        if (lives) checkReceipts(arrived, why);
        else checkLegacy(arrived, why);
    }

    /** What a life heard: some of what was said, each once, in its order. */
    private List<String> inOrder(SimulatedRoom ears, String why) {
        List<String> heard = heard(ears);
        int at = -1;
        for (String text : heard) {
            int next = texts.indexOf(text);
            assertTrue(next > at, why + ": doubled or disordered: " + numbers(heard));
            at = next;
        }
        return heard;
    }

    private void checkReceipts(Set<String> arrived, String why) {
        for (int i = 0; i < texts.size(); i++) {
            CompletableFuture<Receipt> receipt = receipts.get(i);
            assertTrue(receipt.isDone(), why + ": a receipt is missing");
            boolean delivered = receipt.join().delivered() == 1;
            // Whoever is loaded again gets all that it missed; whoever leaves, not.
            assertTrue(delivered || listener.departed, why + ": given up");
            assertTrue(!delivered || arrived.contains(texts.get(i)), why + ": a false receipt");
        }
    }

    /** A life that ended takes the rest with it, but nothing in the midst without a word. */
    private void checkLegacy(Set<String> arrived, String why) {
        int count = 0;
        while (count < texts.size() && arrived.contains(texts.get(count))) count++;
        boolean whole = count == arrived.size();
        boolean told = listener.lives.stream().anyMatch(each -> !each.gaps.isEmpty());
        assertTrue(whole || told || listener.departed, why + ": a hole that nobody was told of");
    }

    private List<String> heard(SimulatedRoom ears) {
        Peer me = life.core.me();
        List<String> heard = new ArrayList<>();
        for (Message message : ears.heard) {
            if (message.direct() != direct || !message.channel().equals(channel)) continue;
            if (me == null || !message.from().id().equals(me.id())) continue;
            if (texts.contains(message.text())) heard.add(message.text());
        }
        return heard;
    }

    private static List<String> numbers(List<String> texts) {
        return texts.stream().map(text -> text.substring(0, text.indexOf(' '))).toList();
    }
}
