package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.sdk.Message;
import dev.peerline.sdk.Receipt;
import dev.peerline.sdk.Room;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What one peer says to the other, from the first message to the last. */
final class Talk {
    private final List<CompletableFuture<Receipt>> receipts = new ArrayList<>();
    private final Collector<Message> heard = new Collector<>();
    private final Room from;
    private int taken;

    Talk(Room from, Room to) {
        this.from = from;
        to.onMessage(heard);
    }

    synchronized void say() {
        receipts.add(from.send("%d".formatted(receipts.size())));
    }

    /** The next messages, which have to be the right ones. */
    void hear(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            assertEquals(String.valueOf(taken++), heard.next().text());
        }
    }

    /** When nothing more is said. */
    void check() throws Exception {
        List<CompletableFuture<Receipt>> all;
        synchronized (this) {
            all = List.copyOf(receipts);
        }
        for (CompletableFuture<Receipt> each : all) {
            assertEquals(1, each.get(120, TimeUnit.SECONDS).delivered());
        }
        hear(all.size() - taken);
        assertTrue(heard.isEmpty(), "something came twice");
    }
}
