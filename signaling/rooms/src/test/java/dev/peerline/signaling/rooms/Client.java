package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.LinkHandler;
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

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A client that does what a test says, over a real WebSocket. Used by one thread. */
final class Client implements AutoCloseable {
    private static final HttpClient HTTP = withSmallBuffers();
    private static final long PATIENCE_SECONDS = 10;

    private @Nullable URI uri;
    private final String room;
    private final String name;
    private final Bytes key;

    /** What the present socket brought. */
    private BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    private @Nullable WebSocket socket;
    private volatile boolean reading = true;

    long incarnation;
    @Nullable Cursor cursor;
    @Nullable String token;
    @Nullable String origin;
    long base = 1;
    long attempt;
    private long nextNumber = 1;

    /** The socket was closed with this code; 1006 without one. */
    record Closed(int code) {}

    Client(LinkServer server, String room, String name, long incarnation) {
        this(room, name, incarnation);
        to(server);
    }

    Client(String room, String name, long incarnation) {
        this.room = room;
        this.incarnation = incarnation;
        this.key = Bytes.utf8((name + "-".repeat(Id.KEY_BYTES)).substring(0, Id.KEY_BYTES));
        this.name = name;
    }

    /** Connects there from now on. */
    Client to(LinkServer server) {
        uri = server.uri();
        return this;
    }

    Member member() {
        return new Member(Id.of(room, key), incarnation);
    }

    /** Opens a socket and reads whatever comes. */
    Client connect() {
        return connect(true);
    }

    Client connect(boolean readOn) {
        reading = readOn;
        events = new LinkedBlockingQueue<>();
        WebSocket.Builder builder =
                HTTP.newWebSocketBuilder().subprotocols(LinkHandler.SUBPROTOCOL);
        if (origin != null) builder.header("Origin", origin);
        socket = builder.buildAsync(Objects.requireNonNull(uri), new Listener(events)).join();
        return this;
    }

    /** What HTTP answers to one that speaks something else. */
    int statusOfConnect(String subprotocol) {
        CompletableFuture<WebSocket> attempt =
                HTTP.newWebSocketBuilder()
                        .subprotocols(subprotocol)
                        .buildAsync(Objects.requireNonNull(uri), new Listener(events));
        Throwable problem = attempt.handle((_, thrown) -> thrown).join();
        if (problem.getCause() instanceof WebSocketHandshakeException refused) {
            return refused.getResponse().statusCode();
        }
        throw new AssertionError("it was let in");
    }

    /** Connects and says hello. */
    Welcome join() {
        connect();
        return hello();
    }

    Welcome hello() {
        send(helloFrame());
        Welcome welcome = await(Welcome.class);
        if (!welcome.resumed() || cursor == null) cursor = welcome.cursor();
        return welcome;
    }

    Hello helloFrame() {
        attempt++;
        return new Hello(room, key, incarnation, token, name, cursor, base, attempt);
    }

    void send(UpFrame... frames) {
        WireWriter packet = new WireWriter();
        for (UpFrame frame : frames) packet.frame(frame);
        send(packet.take());
    }

    void send(Bytes packet) {
        socket().sendBinary(packet.buffer(), true).join();
    }

    /** The same, to a server that may just be closing. */
    void trySend(Bytes packet) {
        try {
            send(packet);
        } catch (CompletionException problem) {
            if (isOpen()) throw problem;
        }
    }

    /** Whether the socket takes more. */
    boolean isOpen() {
        return !socket().isOutputClosed();
    }

    /** A part of a message of which more comes. */
    void sendPart(byte[] part) {
        socket().sendBinary(ByteBuffer.wrap(part), false).join();
    }

    void refresh(String fresh) {
        send(new UpFrame.Token(fresh));
    }

    /** There and back. */
    void ping() {
        send(new UpFrame.Ping(Bytes.EMPTY));
        await(DownFrame.Pong.class);
    }

    void sendText(String text) {
        socket().sendText(text, true).join();
    }

    void bind(int group, Member... members) {
        send(new UpFrame.Bind(group, List.of(members)));
    }

    /** Sends text as an envelope's frames to a bound group, with the next number. */
    void envelope(int group, String text) {
        send(new UpFrame.Up(nextNumber++, new UpBody.Envelope(group, Bytes.utf8(text))));
    }

    void acknowledge() {
        Cursor now = cursor;
        if (now != null) send(new UpFrame.Ack(0, now.offset()));
    }

    /** The network takes the socket away. */
    void cut() {
        socket().abort();
    }

    /** Takes one more message, and then none. */
    void stopReading() {
        reading = false;
    }

    /** From now on reads whatever comes. */
    void readOn() {
        reading = true;
        socket().request(1);
    }

    /** The next frame of a type; others before it are passed over. */
    <F> F await(Class<F> type) {
        return await(type, _ -> true);
    }

    <F> F await(Class<F> type, Predicate<F> wanted) {
        while (true) {
            Object event = next();
            if (type.isInstance(event) && wanted.test(type.cast(event))) return type.cast(event);
        }
    }

    /** The next entry of a kind; others before it are passed over. */
    <B extends EntryBody> B awaitEntry(Class<B> type) {
        return type.cast(await(DownFrame.Entry.class, e -> type.isInstance(e.body())).body());
    }

    EntryBody.Presence awaitPresence(EntryBody.Change change) {
        return (EntryBody.Presence)
                await(
                                DownFrame.Entry.class,
                                e ->
                                        e.body() instanceof EntryBody.Presence p
                                                && p.change() == change)
                        .body();
    }

    String awaitText() {
        Bytes frames = awaitEntry(EntryBody.Envelope.class).frames();
        return new String(frames.toArray(), StandardCharsets.UTF_8);
    }

    int awaitClose() {
        return await(Closed.class).code();
    }

    /** The refusal, and the close code after it. */
    record Refused(Refusal refusal, int closeCode) {}

    Refused awaitRefusal() {
        return new Refused(await(Refusal.class), awaitClose());
    }

    /** The refusal, when one comes in this time. */
    @Nullable Refused refusalIfAny(Duration time) {
        try {
            Object event = events.poll(time.toMillis(), TimeUnit.MILLISECONDS);
            return event instanceof Refusal refusal ? new Refused(refusal, awaitClose()) : null;
        } catch (InterruptedException problem) {
            throw new AssertionError(problem);
        }
    }

    /** The next thing that came, whatever it is. */
    Object next() {
        try {
            Object event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (event == null) throw new AssertionError(name + " waited in vain");
            if (event instanceof DownFrame.Entry entry) read(entry);
            if (event instanceof DownFrame.Gap gap) at(gap.offset());
            return event;
        } catch (InterruptedException problem) {
            throw new AssertionError(problem);
        }
    }

    private void read(DownFrame.Entry entry) {
        Cursor now = cursor;
        if (now == null) throw new AssertionError("an entry before WELCOME");
        if (entry.offset() != now.offset() + 1) {
            throw new AssertionError("entry " + entry.offset() + " after " + now.offset());
        }
        at(entry.offset());
    }

    private void at(long offset) {
        Cursor now = cursor;
        if (now != null) cursor = new Cursor(now.epoch(), offset);
    }

    private WebSocket socket() {
        WebSocket present = socket;
        if (present == null) throw new IllegalStateException("not connected");
        return present;
    }

    /** So that little is under way in the sockets when a test wants a slow reader. */
    private static HttpClient withSmallBuffers() {
        System.setProperty("jdk.httpclient.receiveBufferSize", "65536");
        return HttpClient.newHttpClient();
    }

    @Override
    public void close() {
        if (socket != null) socket.abort();
    }

    private final class Listener implements WebSocket.Listener {
        private final ByteArrayOutputStream message = new ByteArrayOutputStream();
        private final BlockingQueue<Object> queue;

        Listener(BlockingQueue<Object> queue) {
            this.queue = queue;
        }

        @Override
        public void onOpen(WebSocket webSocket) {
            if (reading) webSocket.request(1);
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket webSocket, ByteBuffer data, boolean last) {
            byte[] part = new byte[data.remaining()];
            data.get(part);
            message.writeBytes(part);
            if (last) {
                packet(Bytes.of(message.toByteArray()));
                message.reset();
            }
            if (reading || !last) webSocket.request(1);
            return null;
        }

        private void packet(Bytes packet) {
            switch (DownFrame.readAll(packet)) {
                case Parsed.Good<List<DownFrame>>(List<DownFrame> frames) -> queue.addAll(frames);
                case Parsed.Bad<List<DownFrame>> bad -> queue.add(bad);
            }
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int code, String reason) {
            queue.add(new Closed(code));
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void onError(WebSocket webSocket, Throwable error) {
            queue.add(new Closed(1006));
        }
    }
}
