package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.PublishOptions;
import dev.peerline.sdk.Topics;
import dev.peerline.server.TopicTransport.Reading;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Topics on a disk that is full for a while. */
@Execution(ExecutionMode.CONCURRENT)
final class TopicStorageTest {
    private static final int PATIENCE_SECONDS = 120;
    private static final int BEFORE = 5;
    private static final int DURING = 20;

    @TempDir private Path folder;

    @Test
    void aFullDiskIsToldToPublishersDisturbsNoReaderAndLosesNothing() throws Exception {
        ServerProcess server =
                ServerProcess.start(folder.resolve("log"), "--data=" + folder.resolve("data"));
        int port = server.port();
        try (Topics client = Peerline.topics(URI.create("http://127.0.0.1:" + port))) {
            for (int i = 0; i < BEFORE; i++) TopicTransport.publish(port, "full", "m" + i);
            try (Reading stream = TopicTransport.SSE.open(port, "full", "0", null);
                    Reading socket = TopicTransport.WEBSOCKET.open(port, "full", "0", null)) {
                expect(stream, 0, BEFORE);
                expect(socket, 0, BEFORE);
                assumeTrue(server.limitFiles("1"), "no prlimit here: a full disk is not tried");
                // These are tried again by their client until there is room.
                List<CompletableFuture<String>> ids = new ArrayList<>();
                for (int i = BEFORE; i < BEFORE + DURING; i++) {
                    Data text = Data.text("m" + i);
                    ids.add(client.publish("full", text, PublishOptions.withKey("k" + i)));
                }
                assertTrue(refusal(port).contains("\"code\":\"STORAGE\""));
                assertTrue(RawHttp.get(port, "/metrics").text().contains("STORAGE"));
                // What is kept is read as ever, by those who come now too.
                try (Reading late = TopicTransport.LONG_POLL.open(port, "full", "0", null)) {
                    expect(late, 0, BEFORE);
                }
                assertTrue(ids.stream().noneMatch(CompletableFuture::isDone));
                assertTrue(server.limitFiles("unlimited"));
                for (int i = 0; i < DURING; i++) {
                    String id = ids.get(i).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                    assertEquals(id, socket.next().get("id").getAsString());
                    assertEquals("m" + (BEFORE + i), stream.text());
                }
                TopicTransport.publish(port, "full", "after");
                assertEquals("after", stream.text());
                assertEquals("after", socket.text());
            }
        } finally {
            server.close();
        }
    }

    private static void expect(Reading reading, int from, int to) throws InterruptedException {
        for (int i = from; i < to; i++) assertEquals("m" + i, reading.text());
    }

    /** What somebody is told who publishes elsewhere meanwhile, as soon as it is refused. */
    private static String refusal(int port) throws InterruptedException {
        while (true) {
            try {
                TopicTransport.publish(port, "other", "lost, or kept later");
            } catch (IOException refused) {
                return String.valueOf(refused.getMessage());
            }
        }
    }
}
