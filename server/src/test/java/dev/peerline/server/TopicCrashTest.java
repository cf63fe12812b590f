package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;

import dev.peerline.server.TopicTransport.Reading;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** {@code kill -9} of a server that has {@code --data}, while somebody publishes. */
final class TopicCrashTest {
    @TempDir private Path folder;

    private ServerProcess start() throws IOException {
        return ServerProcess.start(folder.resolve("log"), "--data=" + folder.resolve("data"));
    }

    @Test
    void oneCrashLosesAndDoublesNothingThatWasAnswered() throws Exception {
        crash(1);
    }

    @Test
    @Tag("slow")
    void thirtyCrashesLoseAndDoubleNothingThatWasAnswered() throws Exception {
        crash(30);
    }

    /** A publisher that tries each message again, with its key, until it has an id. */
    private static final class Publisher implements Runnable {
        private final List<String> ids = new ArrayList<>();
        private volatile int port;
        private volatile boolean over;
        private volatile boolean failed;

        @Override
        public void run() {
            try {
                for (int i = 0; !over; i++) publish(i);
            } catch (InterruptedException problem) {
                failed = true;
            }
        }

        private void publish(int number) throws InterruptedException {
            while (true) {
                try {
                    String[] key = {"Idempotency-Key", "k" + number};
                    ids.add(TopicTransport.publish(port, "news", "m" + number, key));
                    return;
                } catch (IOException _) {
                    // There is no server for a moment.
                    TimeUnit.MILLISECONDS.sleep(5);
                }
            }
        }
    }

    private void crash(int times) throws Exception {
        long seed = System.nanoTime();
        System.out.println("TopicCrashTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        Publisher publisher = new Publisher();
        ServerProcess server = start();
        publisher.port = server.port();
        Thread thread = Thread.ofVirtual().start(publisher);
        List<String> seen = new ArrayList<>();
        String cursor = "0";
        try {
            for (int i = 0; i <= times; i++) {
                List<TopicTransport> all = TopicTransport.overHttp();
                TopicTransport transport = all.get(random.nextInt(all.size()));
                int until = seen.size() + 20 + random.nextInt(50);
                try (Reading reading = transport.open(server.port(), "news", cursor, null)) {
                    while (seen.size() < until) {
                        JsonObject message = reading.next();
                        assertFalse(message.has("gap"), "seed " + seed);
                        String expected = "m" + seen.size();
                        assertEquals(expected, message.get("data").getAsString(), "seed " + seed);
                        cursor = message.get("id").getAsString();
                        seen.add(cursor);
                    }
                }
                if (i == times) break;
                server.kill();
                server = start();
                publisher.port = server.port();
            }
            publisher.over = true;
            thread.join();
            assertFalse(publisher.failed);
            // What was read is what was answered, and all that was answered is there.
            try (Reading reading = TopicTransport.POLL.open(server.port(), "news", "0", null)) {
                for (String id : publisher.ids) {
                    assertEquals(id, reading.next().get("id").getAsString(), "seed " + seed);
                }
            }
            assertEquals(publisher.ids.subList(0, seen.size()), seen);
        } finally {
            publisher.over = true;
            server.close();
        }
    }
}
