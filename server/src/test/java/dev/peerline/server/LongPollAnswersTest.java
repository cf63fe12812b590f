package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.server.RawHttp.Answer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What polls are answered on HTTP/1.1, where many get the same bytes, written past Undertow. */
final class LongPollAnswersTest {
    /** On each I/O thread so many that their answer is shared. */
    private static final int MANY = 40;

    private static final int TIMEOUT_MILLIS = 60_000;

    private static Serving serving;

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with("--no-relay");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    /** A connection that is kept, and what is read of it. */
    private record Client(Socket socket, InputStream in) implements AutoCloseable {
        static Client open() throws IOException {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4 * 1024);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(
                    new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), serving.port()));
            return new Client(socket, new BufferedInputStream(socket.getInputStream()));
        }

        void ask(String topic, String query, String... headers) throws IOException {
            List<String> lines = new ArrayList<>();
            lines.add("GET /v1/topics/" + topic + query + " HTTP/1.1");
            lines.add("Host: localhost:" + serving.port());
            lines.addAll(List.of(headers));
            String head = String.join("\r\n", lines) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(ISO_8859_1));
        }

        Answer answer() throws IOException {
            return RawHttp.read(in, false);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static JsonObject json(Answer answer) {
        assertEquals(200, answer.status(), answer.text());
        return JsonParser.parseString(answer.text()).getAsJsonObject();
    }

    private static List<String> data(Answer answer) {
        List<String> data = new ArrayList<>();
        json(answer)
                .getAsJsonArray("messages")
                .forEach(one -> data.add(one.getAsJsonObject().get("data").getAsString()));
        return data;
    }

    /** Headers by name, but for those that say how the connection goes on and what time it is. */
    private static Map<String, String> lasting(Answer answer) {
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line : answer.headers()) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        assertNotNull(headers.remove("Date"), answer.headers()::toString);
        headers.remove("Connection");
        return headers;
    }

    @Test
    void pollsThatWaitedForTheSameGetItWithTheHeadThatIsTheirsAndGoOn() throws Exception {
        String origin = "http://localhost:" + serving.port();
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < MANY; i++) clients.add(Client.open());
            for (int i = 0; i < MANY; i++) {
                String[] page = i % 4 == 0 ? new String[] {"Origin: " + origin} : new String[0];
                clients.get(i).ask("shared", "?after=0&wait=25", page);
            }
            awaitReaders(MANY);
            String id = TopicTransport.publish(serving.port(), "shared", "m1");
            // What Undertow itself writes: this connection is not to be kept.
            Answer plain = RawHttp.get(serving.port(), "/v1/topics/shared?after=0&wait=25");
            for (int i = 0; i < MANY; i++) {
                Answer answer = clients.get(i).answer();
                assertEquals(plain.text(), answer.text());
                assertEquals("keep-alive", answer.header("Connection"));
                Map<String, String> headers = lasting(answer);
                if (i % 4 == 0) {
                    assertEquals(origin, headers.remove("Access-Control-Allow-Origin"));
                    assertEquals("Origin", headers.remove("Vary"));
                    assertNotNull(headers.remove("Access-Control-Expose-Headers"));
                }
                assertEquals(lasting(plain), headers);
            }
            for (Client client : clients) client.ask("shared", "?wait=25&after=" + id);
            awaitReaders(MANY);
            TopicTransport.publish(serving.port(), "shared", "m2");
            for (Client client : clients) {
                Answer answer = client.answer();
                assertEquals(List.of("m2"), data(answer));
                assertNull(answer.header("Access-Control-Allow-Origin"));
            }
        } finally {
            for (Client client : clients) client.close();
        }
        awaitReaders(0);
    }

    @Test
    void requestsThatWereSentAheadAreAnsweredInTheirOrder() throws Exception {
        try (Client client = Client.open()) {
            client.ask("ahead", "?after=0&wait=25");
            client.ask("ahead", "?after=0&limit=1");
            client.ask("elsewhere", "?after=0&wait=25");
            TopicTransport.publish(serving.port(), "ahead", "m1");
            assertEquals(List.of("m1"), data(client.answer()));
            assertEquals(List.of("m1"), data(client.answer()));
            TopicTransport.publish(serving.port(), "elsewhere", "m2");
            assertEquals(List.of("m2"), data(client.answer()));
        }
    }

    @Test
    void answersThatDoNotFitInTheSocketArriveWhole() throws Exception {
        int port = serving.port();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            all.add(Character.toString('a' + i).repeat(60_000));
            TopicTransport.publish(port, "large", all.getLast());
        }
        int requests = 30; // 14 MB, more than two sockets hold
        try (Client client = Client.open()) {
            Thread asking =
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try {
                                            for (int i = 0; i < requests; i++)
                                                client.ask("large", "?after=0");
                                        } catch (IOException _) {
                                            // The reading says so.
                                        }
                                    });
            for (int i = 0; i < requests; i++) assertEquals(all, data(client.answer()));
            asking.join();
        }
        assertTrue(data(RawHttp.get(port, "/v1/topics/large?after=0")).equals(all));
    }

    private static void awaitReaders(int count) {
        long end = System.nanoTime() + TIMEOUT_MILLIS * 1_000_000L;
        while (serving.server().readers() != count) {
            assertTrue(System.nanoTime() < end, () -> "not " + count + " readers");
            Thread.onSpinWait();
        }
    }
}
