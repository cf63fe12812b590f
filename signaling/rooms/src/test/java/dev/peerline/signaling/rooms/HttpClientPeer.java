package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.PacketAnswer;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A client that speaks plain HTTP, and does what a test says. Used by one thread. */
final class HttpClientPeer {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final URI uri;
    private final String room;
    private final String name;
    private final Bytes key;

    long incarnation = 1;
    long base = 1;
    long attempt;
    long post;
    long number;
    boolean welcomed;
    @Nullable Cursor cursor;
    @Nullable String token;
    @Nullable String origin;

    /** What came in envelopes, in order. */
    final List<String> heard = new ArrayList<>();

    HttpClientPeer(LinkServer server, String room, String name) {
        this(server.httpUri(), room, name);
    }

    HttpClientPeer(URI uri, String room, String name) {
        this.uri = uri;
        this.room = room;
        this.name = name;
        key = Bytes.utf8((name + "-".repeat(Id.KEY_BYTES)).substring(0, Id.KEY_BYTES));
    }

    /**
     * What came back.
     *
     * @param headers by names in lower case
     * @param frames of the packet; none without one
     */
    record Answer(int status, Map<String, List<String>> headers, List<DownFrame> frames) {
        String header(String name) {
            List<String> values = headers.get(name.toLowerCase(Locale.ROOT));
            return values == null ? "" : values.getFirst();
        }

        <F> @Nullable F find(Class<F> type) {
            for (DownFrame frame : frames) if (type.isInstance(frame)) return type.cast(frame);
            return null;
        }

        <F> F get(Class<F> type) {
            F frame = find(type);
            if (frame == null) throw new AssertionError(type + " is not in " + frames);
            return frame;
        }

        /** The status, and the code of the last frame. */
        String refusal() {
            return status() + " " + get(Refusal.class).code();
        }
    }

    Member member() {
        return new Member(Id.of(room, key), incarnation);
    }

    String name() {
        return name;
    }

    Hello hello(long ofAttempt, long ofPost) {
        return new Hello(
                room,
                key,
                incarnation,
                token,
                name,
                cursor,
                base,
                ofAttempt,
                welcomed && ofPost == 0,
                ofPost);
    }

    /** A way down with the next attempt, for a header. */
    String greeting(UpFrame... acks) {
        return base64(packet(hello(++attempt, 0), acks));
    }

    static String base64(Bytes packet) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(packet.toArray());
    }

    static Bytes packet(Hello hello, UpFrame... frames) {
        WireWriter packet = new WireWriter().frame(hello);
        for (UpFrame frame : frames) packet.frame(frame);
        return packet.take();
    }

    /** Polls once and reads what comes. */
    Answer poll() {
        return read(ask("", greeting()));
    }

    Answer longPoll(int seconds) {
        return read(ask("?wait=" + seconds, greeting()));
    }

    /** Asks and does not wait; the answer is to be {@link #read}. */
    CompletableFuture<Answer> parkedPoll(int seconds) {
        return HTTP.sendAsync(
                        request("?wait=" + seconds, "Peerline-Hello", greeting()).GET().build(),
                        HttpResponse.BodyHandlers.ofByteArray())
                .thenApply(HttpClientPeer::answer);
    }

    /** One request, whose answer is only looked at. */
    Answer ask(String query, String greeting) {
        return send(request(query, "Peerline-Hello", greeting).GET().build());
    }

    /** First poll of a session. */
    Answer join() {
        Answer answer = poll();
        welcomed = true;
        return answer;
    }

    /** Takes what is in an answer. */
    Answer read(Answer answer) {
        answer.frames.forEach(this::take);
        return answer;
    }

    void take(DownFrame frame) {
        if (frame instanceof Welcome welcome && (!welcome.resumed() || cursor == null))
            cursor = welcome.cursor();
        Cursor at = cursor;
        if (frame instanceof DownFrame.Gap gap && at != null) {
            cursor = new Cursor(at.epoch(), gap.offset());
        }
        if (!(frame instanceof DownFrame.Entry(_, long offset, EntryBody body))) return;
        if (at == null) throw new AssertionError("an entry before WELCOME");
        if (offset != at.offset() + 1) throw new AssertionError(offset + " after " + at.offset());
        cursor = new Cursor(at.epoch(), offset);
        if (body instanceof EntryBody.Envelope(_, _, Bytes text)) {
            heard.add(new String(text.toArray(), StandardCharsets.UTF_8));
        }
    }

    /** Polls until so many envelopes were heard in all. */
    List<String> hear(int count) {
        while (heard.size() < count) longPoll(10);
        return heard;
    }

    /** A POST of its own number. */
    Answer post(UpFrame... frames) {
        return send(posting(packet(hello(attempt, ++post), frames)).build());
    }

    /** A POST of just these bytes. */
    Answer postPacket(Bytes packet) {
        return send(posting(packet).build());
    }

    HttpRequest.Builder posting(Bytes packet) {
        HttpRequest.BodyPublisher body = HttpRequest.BodyPublishers.ofByteArray(packet.toArray());
        return request("", "Content-Type", PacketAnswer.TYPE).POST(body);
    }

    /** Says something to others, with the next number. */
    Answer say(String text, Member... to) {
        return post(saying(text, to));
    }

    UpFrame[] saying(String text, Member... to) {
        return new UpFrame[] {
            new UpFrame.Bind(0, List.of(to)),
            new UpFrame.Up(++number, new UpBody.Envelope(0, Bytes.utf8(text)))
        };
    }

    HttpRequest.Builder request(String query, String... headers) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(uri + query)).timeout(PATIENCE).headers(headers);
        return origin == null ? builder : builder.header("Origin", origin);
    }

    static Answer send(HttpRequest request) {
        try {
            return answer(HTTP.send(request, HttpResponse.BodyHandlers.ofByteArray()));
        } catch (IOException problem) {
            throw new AssertionError(problem);
        } catch (InterruptedException problem) {
            throw new AssertionError(problem);
        }
    }

    private static Answer answer(HttpResponse<byte[]> response) {
        Map<String, List<String>> headers = new HashMap<>();
        response.headers()
                .map()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
        return answer(response.statusCode(), headers, response.body());
    }

    /**
     * An answer as it came.
     *
     * @param headers by names in lower case
     */
    static Answer answer(int status, Map<String, List<String>> headers, byte[] body) {
        List<String> type = headers.getOrDefault("content-type", List.of());
        if (!type.equals(List.of(PacketAnswer.TYPE))) return new Answer(status, headers, List.of());
        return switch (DownFrame.readAll(Bytes.of(body))) {
            case Parsed.Good<List<DownFrame>>(List<DownFrame> frames) ->
                    new Answer(status, headers, frames);
            case Parsed.Bad<List<DownFrame>> bad -> throw new AssertionError(bad);
        };
    }
}
