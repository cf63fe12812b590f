package dev.peerline.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.fallback.grpc.v1.Gap;
import dev.peerline.fallback.grpc.v1.Message;
import dev.peerline.fallback.grpc.v1.PushGrpc;
import dev.peerline.fallback.grpc.v1.SubscribeRequest;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;

import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Every way to read a topic, behind one face: what it yields is the same. */
enum TopicTransport {
    POLL {
        @Override
        void read(Reading reading, String after) throws IOException, InterruptedException {
            while (!reading.over) {
                after = reading.poll(after, 0);
                // It is in the nature of polling that it waits.
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
    },
    LONG_POLL {
        @Override
        void read(Reading reading, String after) throws IOException, InterruptedException {
            while (!reading.over) after = reading.poll(after, 25);
        }
    },
    SSE {
        @Override
        void read(Reading reading, String after) throws IOException, InterruptedException {
            reading.stream(after);
        }
    },
    WEBSOCKET {
        @Override
        void read(Reading reading, String after) throws IOException, InterruptedException {
            reading.webSocket(after);
        }
    },
    GRPC {
        @Override
        void read(Reading reading, String after) throws IOException {
            reading.grpc(after);
        }
    };

    private static final int PATIENCE_SECONDS = 60;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Reads, until it is cut. */
    abstract void read(Reading reading, String after) throws IOException, InterruptedException;

    /** Those that have one port. */
    static List<TopicTransport> overHttp() {
        return List.of(POLL, LONG_POLL, SSE, WEBSOCKET);
    }

    /** Begins to read after a cursor, or {@code 0}; with a token, or null. */
    Reading open(Serving serving, String topic, String after, @Nullable String token) {
        int port = this == GRPC ? serving.grpcPort() : serving.port();
        return open(port, topic, after, token);
    }

    /** The same, of a process. */
    Reading open(ServerProcess server, String topic, String after) {
        int port = this == GRPC ? server.grpcPort() : server.port();
        return open(port, topic, after, null);
    }

    /** The same, at a port. */
    Reading open(int port, String topic, String after, @Nullable String token) {
        Reading reading = new Reading(port, topic, token);
        reading.thread = Thread.ofVirtual().start(() -> run(reading, after));
        return reading;
    }

    private void run(Reading reading, String after) {
        try {
            read(reading, after);
        } catch (IOException | InterruptedException problem) {
            if (!reading.over) reading.items.add(failed(problem.toString()));
        }
    }

    private static JsonObject failed(String text) {
        JsonObject failure = new JsonObject();
        failure.addProperty("failure", text);
        return failure;
    }

    static URI topic(int port, String topic) {
        return URI.create("http://127.0.0.1:" + port + "/v1/topics/" + topic.replace(">", "%3E"));
    }

    /** Publishes text, and gives the id. */
    static String publish(int port, String topic, String text, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(topic(port, topic))
                        .header("Content-Type", "text/plain")
                        .POST(HttpRequest.BodyPublishers.ofString(text));
        if (headers.length > 0) request.headers(headers);
        var answer = HTTP.send(request.build(), BodyHandlers.ofString());
        if (answer.statusCode() != 201)
            throw new IOException(answer.statusCode() + " " + answer.body());
        return JsonParser.parseString(answer.body()).getAsJsonObject().get("id").getAsString();
    }

    /** One who reads: messages, and gaps as objects with a {@code gap}, in the order they come. */
    static final class Reading implements AutoCloseable {
        private final BlockingQueue<JsonObject> items = new LinkedBlockingQueue<>();
        private final int port;
        private final String topic;
        private final @Nullable String token;
        private @Nullable Thread thread;
        private volatile boolean over;
        private volatile @Nullable InputStream stream;
        private volatile @Nullable RawWebSocket socket;
        private volatile @Nullable ManagedChannel channel;

        private Reading(int port, String topic, @Nullable String token) {
            this.port = port;
            this.topic = topic;
            this.token = token;
        }

        /** The next message or gap. */
        JsonObject next() throws InterruptedException {
            JsonObject item = items.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (item == null) throw new AssertionError("nothing came on " + topic);
            if (item.has("failure")) throw new AssertionError(item.get("failure").getAsString());
            return item;
        }

        /** Why it ended. */
        String failure() throws InterruptedException {
            JsonObject item = items.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (item == null || !item.has("failure")) throw new AssertionError("goes on: " + item);
            return item.get("failure").getAsString();
        }

        /** The text of the next message. */
        String text() throws InterruptedException {
            JsonObject item = next();
            JsonElement data = item.get("data");
            if (data == null) throw new AssertionError("no message: " + item);
            return data.getAsString();
        }

        /** Whether nothing has come that was not taken. */
        boolean isEmpty() {
            return items.isEmpty();
        }

        /** Ends without a word, as a network does. */
        @Override
        public void close() {
            over = true;
            RawWebSocket open = socket;
            if (open != null) open.close();
            ManagedChannel calls = channel;
            if (calls != null) calls.shutdownNow();
            InputStream in = stream;
            try {
                if (in != null) in.close();
            } catch (IOException _) {
                // It is over in any case.
            }
            Thread reader = thread;
            if (reader != null) reader.interrupt();
        }

        private HttpRequest.Builder request(String query) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(topic(port, topic) + query));
            if (token != null) request.header("Authorization", "Bearer " + token);
            return request;
        }

        private String poll(String after, int seconds) throws IOException, InterruptedException {
            HttpRequest request = request("?after=" + after + "&wait=" + seconds).build();
            var answer = HTTP.send(request, BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException(answer.statusCode() + " " + answer.body());
            }
            JsonObject page = JsonParser.parseString(answer.body()).getAsJsonObject();
            if (page.has("gap")) gap(page.getAsJsonObject("gap"));
            for (JsonElement message : page.getAsJsonArray("messages")) {
                items.add(message.getAsJsonObject());
            }
            return page.get("next").getAsString();
        }

        private void gap(JsonObject gap) {
            JsonObject item = new JsonObject();
            item.add("gap", gap);
            items.add(item);
        }

        private void stream(String after) throws IOException, InterruptedException {
            // The cursor stands where a browser's EventSource would put it.
            HttpRequest request =
                    request("?after=now")
                            .header("Accept", "text/event-stream")
                            .header("Last-Event-ID", after)
                            .build();
            var answer = HTTP.send(request, BodyHandlers.ofInputStream());
            if (answer.statusCode() != 200) throw new IOException("status " + answer.statusCode());
            stream = answer.body();
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(answer.body(), UTF_8))) {
                String event = "message";
                String id = "";
                String data = "";
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (line.startsWith("event: ")) event = line.substring(7);
                    else if (line.startsWith("id: ")) id = line.substring(4);
                    else if (line.startsWith("data: ")) data = line.substring(6);
                    if (!line.isEmpty() || data.isEmpty()) continue;
                    event(event, id, JsonParser.parseString(data).getAsJsonObject());
                    event = "message";
                    data = "";
                }
            }
            if (!over) throw new IOException("the stream has ended");
        }

        private void event(String event, String id, JsonObject data) throws IOException {
            switch (event) {
                case "gap" -> gap(data);
                case "message" -> {
                    if (!data.get("id").getAsString().equals(id)) throw new IOException("id " + id);
                    items.add(data);
                }
                default -> throw new IOException(event + " " + data);
            }
        }

        private void webSocket(String after) throws IOException {
            RawWebSocket open = new RawWebSocket(topic(port, topic), "?after=" + after, token);
            socket = open;
            if (over) open.close();
            while (true) items.add(JsonParser.parseString(open.next()).getAsJsonObject());
        }

        private void grpc(String after) throws IOException {
            channel =
                    NettyChannelBuilder.forAddress("127.0.0.1", port)
                            .usePlaintext()
                            .maxInboundMessageSize(1 << 20)
                            .directExecutor()
                            .build();
            Metadata headers = new Metadata();
            if (token != null) {
                headers.put(
                        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
                        "Bearer " + token);
            }
            ClientInterceptor attaching = MetadataUtils.newAttachHeadersInterceptor(headers);
            var events =
                    PushGrpc.newBlockingStub(channel)
                            .withInterceptors(attaching)
                            .subscribe(
                                    SubscribeRequest.newBuilder()
                                            .setTopic(topic)
                                            .setAfter(after)
                                            .build());
            try {
                while (events.hasNext()) take(events.next());
            } catch (StatusRuntimeException end) {
                throw new IOException(end.getStatus().toString(), end);
            }
        }

        private void take(SubscribeResponse event) {
            switch (event.getEventCase()) {
                case GAP -> gap(json(event.getGap()));
                case MESSAGE -> items.add(json(event.getMessage()));
                default -> {}
            }
        }

        private static JsonObject json(Gap gap) {
            JsonObject object = new JsonObject();
            object.addProperty("after", gap.getAfter());
            object.addProperty("oldest", gap.getOldest());
            object.addProperty("reason", gap.getReason().name().toLowerCase(Locale.ROOT));
            return object;
        }

        /** As the others have it. */
        private static JsonObject json(Message message) {
            JsonObject object = new JsonObject();
            object.addProperty("id", message.getId());
            object.addProperty("time", message.getTime());
            object.addProperty("topic", message.getTopic());
            object.addProperty("type", message.getType());
            if (message.getData().isValidUtf8()) {
                object.addProperty("data", message.getData().toStringUtf8());
            } else {
                byte[] data = message.getData().toByteArray();
                object.addProperty("data", Base64.getEncoder().encodeToString(data));
                object.addProperty("encoding", "base64");
            }
            return object;
        }
    }
}
