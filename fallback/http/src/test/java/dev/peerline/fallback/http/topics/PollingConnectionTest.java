package dev.peerline.fallback.http.topics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.topic.MemoryTopics;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.topic.Topics.Outcome;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Polls that repeat one another, on one connection: the same answers, by a shorter way. */
final class PollingConnectionTest {
    private static final int TIMEOUT_MILLIS = 10_000;

    private static final int IDLE_MILLIS = 60_000;

    /** A second of it is for polls that repeat another. */
    private static final int SHORT_IDLE_MILLIS = 2_400;

    private final MemoryTopics topics = new MemoryTopics(7, TopicLimits.DEFAULT);
    private final Access access = new Access();
    private final Counters counters = new Counters();
    private final TopicHandler handler =
            new TopicHandler(
                    topics,
                    access,
                    new ReaderLimits(
                            64 * 1024, 2, 256, Duration.ofSeconds(25), Duration.ofSeconds(30)),
                    counters);
    private Undertow server = serving(IDLE_MILLIS);

    private Undertow serving(int idleMillis) {
        return Undertow.builder()
                .addHttpListener(0, "127.0.0.1")
                .setIoThreads(1)
                .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, idleMillis)
                .setHandler(this::handle)
                .build();
    }

    private void handle(HttpServerExchange exchange) throws Exception {
        String name = exchange.getRequestHeaders().getFirst("Name");
        if (name != null) exchange.getResponseHeaders().put(Headers.SERVER, name);
        handler.handleRequest(exchange);
    }

    /** Who may read: everybody; how often it was asked, and in which way. */
    private static final class Access implements TopicAccess {
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicInteger again = new AtomicInteger();
        private volatile boolean refuses;

        @Override
        public Decision read(HttpServerExchange exchange, TopicPattern pattern) {
            asked.incrementAndGet();
            return decide();
        }

        @Override
        public Decision again(Granted before) {
            again.incrementAndGet();
            return decide();
        }

        private Decision decide() {
            return refuses
                    ? new Refused(TopicRefusal.of(TopicError.TOKEN_EXPIRED, "It is over."))
                    : new Granted(null, Granted.NEVER, "all");
        }

        @Override
        public Decision publish(HttpServerExchange exchange, TopicPattern topic) {
            return decide();
        }
    }

    private static final class Counters implements TopicMetrics {
        private final AtomicInteger delivered = new AtomicInteger();
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger repeated = new AtomicInteger();

        @Override
        public void published(int bytes) {}

        @Override
        public void delivered(CarrierKind kind, int messages) {
            delivered.addAndGet(messages);
        }

        @Override
        public void gap() {}

        @Override
        public void opened(CarrierKind kind) {
            open.incrementAndGet();
        }

        @Override
        public void closed(CarrierKind kind) {
            open.decrementAndGet();
        }

        @Override
        public void repeated() {
            repeated.incrementAndGet();
        }

        @Override
        public void refused(TopicError error) {}
    }

    /** One connection, and what comes over it. */
    private final class Client implements AutoCloseable {
        private final Socket socket = new Socket();
        private final DataInputStream in;
        private String next = "0";

        Client() throws IOException {
            InetSocketAddress address =
                    (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), address.getPort()));
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.setTcpNoDelay(true);
            in = new DataInputStream(socket.getInputStream());
        }

        void write(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        private String request(int wait, String... headers) {
            return "GET /v1/topics/a.b?after=%s&wait=%d HTTP/1.1\r\nHost: here\r\n%s\r\n"
                    .formatted(next, wait, headers.length == 0 ? "" : headers[0] + "\r\n");
        }

        /** Asks for what follows, and reads it. */
        Answer poll(int wait, String... headers) throws IOException {
            write(request(wait, headers));
            return read();
        }

        Answer read() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) head.append((char) in.readByte());
            int length = Integer.parseInt(header(head.toString(), "Content-Length"));
            byte[] body = new byte[length];
            in.readFully(body);
            String text = new String(body, StandardCharsets.UTF_8);
            int status = Integer.parseInt(head.substring(9, 12));
            int at = text.indexOf("\"next\":\"") + 8;
            if (status == 200) next = text.substring(at, text.indexOf('"', at));
            return new Answer(status, head.toString(), text);
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private record Answer(int status, String head, String text) {
        /** The bodies of its messages. */
        String bodies() {
            StringBuilder bodies = new StringBuilder();
            for (String part : text.split("\"data\":\"", -1)) bodies.append(part.charAt(0));
            return bodies.substring(1);
        }
    }

    private static @Nullable String headerOrNull(String head, String name) {
        for (String line : head.split("\r\n", -1))
            if (line.startsWith(name + ": ")) return line.substring(name.length() + 2);
        return null;
    }

    private static String header(String head, String name) {
        String value = headerOrNull(head, name);
        if (value == null) throw new AssertionError("no " + name + " in " + head);
        return value;
    }

    private void publish(String body) {
        TopicPattern topic = TopicPattern.parse("a.b");
        if (topic == null) throw new AssertionError();
        Publication publication = new Publication(topic, "text/plain", Bytes.utf8(body), null);
        assertEquals(
                Outcome.TAKEN, topics.publish(publication, System.currentTimeMillis(), _ -> {}));
    }

    private void awaitReaders(int count) throws InterruptedException {
        long end = System.nanoTime() + Duration.ofMillis(TIMEOUT_MILLIS).toNanos();
        while (handler.readers() != count && System.nanoTime() < end) Thread.sleep(2);
        assertEquals(count, handler.readers());
    }

    @BeforeEach
    void start() {
        server.start();
    }

    @AfterEach
    void stop() {
        handler.close();
        server.stop();
        topics.close();
    }

    /** What was not asked for by {@link TopicAccess#read} went the short way. */
    private void assertRead(int asked) {
        assertEquals(asked, access.asked.get(), "requests that were read as HTTP");
    }

    @Test
    void whoRepeatsAPollIsReadAsHttpTwiceAndThenNoMore() throws Exception {
        try (Client client = new Client()) {
            StringBuilder got = new StringBuilder();
            for (int i = 0; i < 10; i++) {
                publish("" + i);
                Answer answer = client.poll(25);
                assertEquals(200, answer.status(), answer.text());
                assertEquals("application/json", header(answer.head(), "Content-Type"));
                assertEquals("no-store", header(answer.head(), "Cache-Control"));
                assertTrue(header(answer.head(), "Date").endsWith(" GMT"), answer.head());
                got.append(answer.bodies());
            }
            assertEquals("0123456789", got.toString());
            assertRead(2);
            assertEquals(8, counters.repeated.get());
            assertEquals(10, counters.delivered.get());
        }
    }

    /** Two that Undertow reads: from now on it is known what the client repeats. */
    private void acquaint(Client client, int wait) throws IOException {
        for (int i = 0; i < 2; i++) {
            publish("-");
            client.poll(wait);
        }
        access.asked.set(0);
    }

    @Test
    void aRepeatedPollWaitsLikeAnyOther() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 25);
            client.write(client.request(25));
            awaitReaders(1);
            publish("x");
            assertEquals("x", client.read().bodies());
            awaitReaders(0);
            assertRead(0);
            assertEquals(0, counters.open.get());
        }
    }

    @Test
    void oneWhoseTimeIsOverIsAnsweredWithNothing() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 1);
            assertEquals("", client.poll(1).bodies());
            assertRead(0);
            awaitReaders(0);
        }
    }

    @Test
    void oneWhoHangsUpWhileItWaitsIsNoReaderAnyMore() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 25);
            client.write(client.request(25));
            awaitReaders(1);
        }
        awaitReaders(0);
        assertEquals(0, counters.open.get());
    }

    @Test
    void anotherRequestInBetweenIsReadAsWhatItIs() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 0);
            assertNull(headerOrNull(client.poll(0).head(), "Server"));
            assertRead(0);
            assertEquals("me", header(client.poll(0, "Name: me").head(), "Server"));
            assertRead(1);
            // And it is remembered in the other's place.
            assertEquals("me", header(client.poll(0, "Name: me").head(), "Server"));
            assertRead(1);
            assertNull(headerOrNull(client.poll(0).head(), "Server"));
            assertRead(2);
            client.write(
                    "POST /v1/topics/a.b HTTP/1.1\r\nHost: here\r\nContent-Length: 1\r\n\r\nx");
            assertEquals(201, client.read().status());
            assertEquals("x", client.poll(0).bodies());
        }
    }

    @Test
    void whatIsNoCursorIsRefusedInSoManyWords() throws Exception {
        try (Client client = new Client()) {
            for (String bad : List.of("x", "7-", "-", "7-1x", "77777777777777777-1")) {
                acquaint(client, 0);
                String good = client.next;
                client.next = bad;
                assertEquals(400, client.poll(0).status(), bad);
                assertRead(1);
                client.next = good;
            }
        }
    }

    @Test
    void aCursorFollowedByAnotherParameterIsAnotherRequest() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 0);
            publish("1");
            publish("2");
            client.next += "&limit=1";
            assertEquals("1", client.poll(0).bodies());
            assertRead(1);
        }
    }

    @Test
    void requestsThatComeTogetherAreAnsweredOneAfterTheOther() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 25);
            String waiting = client.request(25);
            client.write(waiting);
            awaitReaders(1);
            client.write(waiting + waiting);
            publish("x");
            for (int i = 0; i < 3; i++) assertEquals("x", client.read().bodies());
            acquaint(client, 25);
            publish("y");
            client.write(client.request(25) + client.request(25));
            for (int i = 0; i < 2; i++) assertEquals("y", client.read().bodies());
            assertEquals("", client.poll(0).bodies());
        }
    }

    @Test
    void aRequestInPiecesIsOne() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 0);
            publish("x");
            String request = client.request(0);
            for (String piece : request.split("(?<=\\?)|(?<=-)|(?<=\r)", -1)) {
                client.write(piece);
                Thread.sleep(20);
            }
            assertEquals("x", client.read().bodies());
            publish("y");
            assertEquals("y", client.poll(0).bodies());
        }
    }

    @Test
    void whatIsNotGrantedAnyMoreIsRefused() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 0);
            access.refuses = true;
            assertEquals(401, client.poll(0).status());
            access.refuses = false;
            assertEquals(200, client.poll(0).status());
        }
    }

    @Test
    void whereThereIsNoRoomForAnotherItIsRefused() throws Exception {
        try (Client client = new Client();
                Client one = new Client();
                Client other = new Client()) {
            acquaint(client, 25);
            one.next = client.next;
            other.next = client.next;
            one.write(one.request(25));
            other.write(other.request(25));
            awaitReaders(2);
            assertEquals(429, client.poll(25).status());
            publish("x");
            assertEquals("x", one.read().bodies());
            assertEquals("x", client.poll(25).bodies());
        }
    }

    @Test
    void whereTheServerGoesDownItIsSentAwayAndTheNextRefused() throws Exception {
        try (Client client = new Client()) {
            acquaint(client, 25);
            client.write(client.request(25));
            awaitReaders(1);
            handler.drain(Duration.ofMillis(10)).get(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            assertEquals("", client.read().bodies());
            assertEquals(503, client.poll(25).status());
        }
    }

    @Test
    void whoPollsForLongerThanUndertowIsPatientIsNotCutOff() throws Exception {
        server.stop();
        server = serving(SHORT_IDLE_MILLIS);
        server.start();
        try (Client client = new Client()) {
            acquaint(client, 1);
            long end = System.nanoTime() + Duration.ofMillis(SHORT_IDLE_MILLIS + 1_500).toNanos();
            while (System.nanoTime() < end) assertEquals(200, client.poll(1).status());
            assertTrue(access.asked.get() > 0, "Undertow had none");
            assertTrue(counters.repeated.get() > 0, "Undertow had all");
        }
    }
}
