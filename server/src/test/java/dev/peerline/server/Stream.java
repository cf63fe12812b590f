package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.sdk.Receipt;
import dev.peerline.sdk.Room;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Sends 0, 1, 2, … to a room with one other in it, 200 a second. */
final class Stream implements AutoCloseable {
    private static final long PERIOD_MICROS = 5_000;

    private final Queue<CompletableFuture<Receipt>> receipts = new ConcurrentLinkedQueue<>();
    private final ScheduledExecutorService traffic = Executors.newSingleThreadScheduledExecutor();

    Stream(Room room) {
        var _ =
                traffic.scheduleAtFixedRate(
                        () -> receipts.add(room.send(String.valueOf(receipts.size()))),
                        0,
                        PERIOD_MICROS,
                        TimeUnit.MICROSECONDS);
    }

    /** Answers how many there were; the other has acknowledged each. */
    int stop() throws Exception {
        close();
        assertTrue(traffic.awaitTermination(60, TimeUnit.SECONDS));
        for (CompletableFuture<Receipt> each : receipts) {
            assertEquals(1, each.get(120, TimeUnit.SECONDS).delivered());
        }
        return receipts.size();
    }

    @Override
    public void close() {
        traffic.shutdownNow();
    }
}
