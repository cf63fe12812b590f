package dev.peerline.sdk;

import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.fallback.link.wire.Id;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Another peer of a room, or this one. Thread-safe; what it answers is how it was a moment ago. */
public final class Peer {
    private final Id id;
    private final RoomCore core;
    private final Listeners<Message> messages = new Listeners<>();
    private final Listeners<PathChange> pathChanges = new Listeners<>();
    private final AtomicLong messagesSent = new AtomicLong();
    private final AtomicLong messagesReceived = new AtomicLong();
    private final AtomicLong bytesSent = new AtomicLong();
    private final AtomicLong bytesReceived = new AtomicLong();
    private final AtomicLong moves = new AtomicLong();
    private volatile String name;
    private volatile PeerState state;
    private volatile Rung rung;

    private record Rung(PathKind kind, Instant since) {}

    Peer(Id id, String name, PeerState state, RoomCore core) {
        this.id = id;
        this.name = name;
        this.state = state;
        this.core = core;
        rung = new Rung(PathKind.WEBSOCKET, Instant.now());
    }

    /** 22 characters, the same for as long as the peer keeps its key. */
    public String id() {
        return id.text();
    }

    /** As it, or its token, says: text of somebody else, at most 64 characters. May be empty. */
    public String name() {
        return name;
    }

    public PeerState state() {
        return state;
    }

    /** The way to it now. */
    public Path path() {
        Rung now = rung;
        RoomCore.Way way = core.wayTo(id);
        return new Path(
                now.kind(), Duration.ofNanos(way.rttNanos()), now.since(), way.queuedBytes());
    }

    public Stats stats() {
        return new Stats(
                messagesSent.get(),
                messagesReceived.get(),
                bytesSent.get(),
                bytesReceived.get(),
                moves.get());
    }

    /** Sends to this peer alone, in an order of its own. */
    public CompletableFuture<Receipt> send(String text) {
        return send(Data.text(text), SendOptions.DEFAULT);
    }

    /** Sends to this peer alone, in an order of its own. */
    public CompletableFuture<Receipt> send(Data data) {
        return send(data, SendOptions.DEFAULT);
    }

    /**
     * Sends to this peer alone, in an order of its own; see {@link Room#send(Data, SendOptions)}.
     */
    public CompletableFuture<Receipt> send(Data data, SendOptions options) {
        return core.sends().send(Destination.peer(id), "", data, options);
    }

    /** Messages from this peer, whether to everyone or to this one alone. */
    public Subscription onMessage(Consumer<? super Message> listener) {
        return core.listen(messages, listener);
    }

    public Subscription onPathChange(Consumer<? super PathChange> listener) {
        return pathChanges.add(listener);
    }

    /** Why it is reached the way it is, and what would help. */
    public Explanation explain() {
        return new Explanation(kind(), core.findings(id));
    }

    Id key() {
        return id;
    }

    PathKind kind() {
        return rung.kind();
    }

    Listeners<Message> messages() {
        return messages;
    }

    Listeners<PathChange> pathChanges() {
        return pathChanges;
    }

    void name(String now) {
        name = now;
    }

    void state(PeerState now) {
        state = now;
    }

    /** The kind of its path, before anything was known of it. */
    void begin(PathKind kind) {
        rung = new Rung(kind, rung.since());
    }

    void move(PathKind kind) {
        rung = new Rung(kind, Instant.now());
        moves.incrementAndGet();
    }

    void sent(int bytes) {
        messagesSent.incrementAndGet();
        bytesSent.addAndGet(bytes);
    }

    void received(int bytes) {
        messagesReceived.incrementAndGet();
        bytesReceived.addAndGet(bytes);
    }

    @Override
    public String toString() {
        return name.isEmpty() ? id() : name;
    }
}
