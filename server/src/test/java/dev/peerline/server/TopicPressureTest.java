package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.server.TopicTransport.Reading;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;

/** Slow readers, and a server that goes down. */
@Isolated
final class TopicPressureTest {
    /** Together more than the buffers of two sockets, and than the log keeps. */
    private static final int MESSAGES = 500;

    private static final String LARGE = "x".repeat(60_000);

    @Test
    void aReaderThatDoesNotReadHoldsUpNobodyAndIsToldWhatItMissed() throws Exception {
        try (Serving serving = Serving.with("--topic-mib=4");
                Reading quick = TopicTransport.WEBSOCKET.open(serving.port(), "a", "0", null)) {
            int port = serving.port();
            HttpURLConnection slow =
                    (HttpURLConnection)
                            URI.create(TopicTransport.topic(port, "a") + "?after=0")
                                    .toURL()
                                    .openConnection();
            slow.setRequestProperty("Accept", "text/event-stream");
            assertEquals(200, slow.getResponseCode());
            for (int i = 0; i < MESSAGES; i++) {
                TopicTransport.publish(port, "a", i + LARGE);
                assertEquals(i + LARGE, quick.text());
            }
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(slow.getInputStream(), UTF_8))) {
                readTheRest(lines);
            } finally {
                slow.disconnect();
            }
        }
    }

    private static void readTheRest(BufferedReader lines) throws IOException {
        int next = 0;
        boolean gap = false;
        boolean everGap = false;
        for (String line = lines.readLine(); next < MESSAGES; line = lines.readLine()) {
            if (line.equals("event: gap")) {
                gap = true;
                everGap = true;
            }
            if (!line.startsWith("data: {\"id\"")) continue;
            JsonObject message = JsonParser.parseString(line.substring(6)).getAsJsonObject();
            String data = message.get("data").getAsString();
            int number = Integer.parseInt(data.substring(0, data.indexOf('x')));
            assertTrue(number == next || (gap && number > next), number + " after " + next);
            gap = false;
            next = number + 1;
        }
        assertTrue(everGap, "the sockets took everything: publish more");
    }

    @Test
    void whenTheServerGoesDownReadersAreSentAwayAndLongPollsAnswered() throws Exception {
        try (Serving serving = Serving.with()) {
            int port = serving.port();
            TopicTransport.publish(port, "a", "before");
            try (Reading stream = TopicTransport.SSE.open(port, "a", "0", null);
                    Reading socket = TopicTransport.WEBSOCKET.open(port, "a", "0", null);
                    Reading poll = TopicTransport.LONG_POLL.open(port, "a", "0", null)) {
                assertEquals("before", stream.text());
                assertEquals("before", socket.text());
                assertEquals("before", poll.text());
                serving.server().drain();
                assertTrue(socket.failure().endsWith("closed 1001 GOING_AWAY"));
                assertTrue(stream.failure().contains("GOING_AWAY"));
                assertTrue(!poll.failure().isEmpty());
            }
        }
    }
}
