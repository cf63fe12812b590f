package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.gson.JsonObject;

import dev.peerline.fallback.grpc.v1.PublishRequest;
import dev.peerline.server.TopicTransport.Reading;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import org.jspecify.annotations.Nullable;
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
        return ServerProcess.start(
                folder.resolve("log"), "--data=" + folder.resolve("data"), "--grpc-port=0");
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

    /**
     * A publisher that tries each message again, with its key, until it has an id: by HTTP and by
     * gRPC in turns.
     */
    private static final class Publisher implements Runnable {
        private final List<String> ids = new ArrayList<>();
        private volatile ServerProcess server;
        private @Nullable ServerProcess connected;
        private @Nullable GrpcClient client;
        private volatile boolean over;
        private volatile boolean failed;

        Publisher(ServerProcess server) {
            this.server = server;
        }

        @Override
        public void run() {
            try {
                for (int i = 0; !over; i++) ids.add(publish(i));
            } catch (InterruptedException | StatusRuntimeException problem) {
                problem.printStackTrace(System.out);
                failed = true;
            } finally {
                if (client != null) client.close();
            }
        }

        private String publish(int number) throws InterruptedException {
            while (true) {
                ServerProcess at = server;
                try {
                    return number % 2 == 0 ? byHttp(at, number) : byGrpc(at, number);
                } catch (IOException _) {
                    // There is no server for a moment.
                    TimeUnit.MILLISECONDS.sleep(5);
                }
            }
        }

        private static String byHttp(ServerProcess at, int number)
                throws IOException, InterruptedException {
            String[] key = {"Idempotency-Key", "k" + number};
            return TopicTransport.publish(at.port(), "news", "m" + number, key);
        }

        private String byGrpc(ServerProcess at, int number) throws IOException {
            GrpcClient to = client;
            if (to == null || connected != at) {
                if (to != null) to.close();
                to = new GrpcClient(at.grpcPort());
                client = to;
                connected = at;
            }
            try {
                PublishRequest message = GrpcClient.message("news", "m" + number, "k" + number);
                return to.push().publish(message).getId();
            } catch (StatusRuntimeException problem) {
                if (problem.getStatus().getCode() != Status.Code.UNAVAILABLE) throw problem;
                throw new IOException(problem);
            }
        }
    }

    private void crash(int times) throws Exception {
        long seed = System.nanoTime();
        System.out.println("TopicCrashTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        ServerProcess server = start();
        Publisher publisher = new Publisher(server);
        Thread thread = Thread.ofVirtual().start(publisher);
        List<String> seen = new ArrayList<>();
        String cursor = "0";
        try {
            for (int i = 0; i <= times; i++) {
                TopicTransport[] all = TopicTransport.values();
                // Right after the first crash gRPC in any case; each of them at any time.
                TopicTransport transport =
                        i == 1 ? TopicTransport.GRPC : all[random.nextInt(all.length)];
                int until = seen.size() + 20 + random.nextInt(50);
                try (Reading reading = transport.open(server, "news", cursor)) {
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
                publisher.server = server;
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
