package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.UnixOperatingSystemMXBean;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Very many readers, one that never reads, and publishers that are faster than they are. */
@Isolated
final class TopicCrowdTest {
    /** Ten times what a log keeps here. */
    private static final int BURST = 700;

    private static final String LARGE = "x".repeat(60_000);

    @TempDir private Path folder;

    @Test
    void aThousandReadersOfOneTopicAreServedWhateverOthersDo() throws Exception {
        crowd(1_000, heap("96m"));
    }

    @Test
    @Tag("slow")
    void tenThousandReadersOfOneTopicAreServedWhateverOthersDo() throws Exception {
        crowd(10_000, heap("256m"));
    }

    /** Should anything be without a bound, the server ends. */
    private static List<String> heap(String most) {
        return List.of(
                "-Xmx" + most, "-XX:MaxDirectMemorySize=" + most, "-XX:+ExitOnOutOfMemoryError");
    }

    private void crowd(int count, List<String> heap) throws Exception {
        var system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        assumeTrue(system != null && system.getMaxFileDescriptorCount() > count + 500);
        try (ServerProcess server =
                        ServerProcess.startWith(
                                heap,
                                folder.resolve("log"),
                                "--topic-mib=4",
                                // The crowd answers no pings.
                                "--topic-heartbeat=1h");
                Crowd crowd = Crowd.of(count, server.port(), "crowd.all");
                Socket never = neverReads(server.port())) {
            int port = server.port();
            CompletableFuture<Void> burst = burst(port);
            // One after the other, and then as fast as they are taken.
            int number = 0;
            for (; number < 10; number++) {
                TopicTransport.publish(port, "crowd.all", "#" + number + "#");
                crowd.await(number + 1);
            }
            for (; number < 60; number++) {
                TopicTransport.publish(port, "crowd.all", "#" + number + "#");
            }
            crowd.await(number);
            burst.join();
            TopicTransport.publish(port, "crowd.all", "#" + number + "#");
            crowd.await(number + 1);
            assertTrue(never.isConnected());
        }
    }

    /** A stream whose client asked for everything, and takes nothing. */
    private static Socket neverReads(int port) throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4 * 1024);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        String request =
                """
                GET /v1/topics/burst?after=0 HTTP/1.1
                Host: localhost
                Accept: text/event-stream

                """;
        byte[] bytes = request.replace("\n", "\r\n").getBytes(ISO_8859_1);
        socket.getOutputStream().write(bytes);
        return socket;
    }

    private static CompletableFuture<Void> burst(int port) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        for (int i = 0; i < BURST; i++) {
                            TopicTransport.publish(port, "burst", LARGE);
                        }
                    } catch (IOException | InterruptedException problem) {
                        throw new AssertionError(problem);
                    }
                },
                Thread::startVirtualThread);
    }
}
