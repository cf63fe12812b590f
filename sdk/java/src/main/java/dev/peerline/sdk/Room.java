package dev.peerline.sdk;

import dev.peerline.fallback.link.pair.Destination;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * A room that this peer has joined: {@link Peerline#join}. Thread-safe. Listeners are called one at
 * a time, in the order of the events, on the room's virtual thread or the executor of {@link
 * JoinOptions#withExecutor}; they may wait, and while they do, those who send are made to wait.
 * Messages that came before the first message listener was added are kept for it, for 10 s.
 */
public final class Room implements AutoCloseable {
    private final String id;
    private final RoomCore core;

    Room(String id, RoomCore core) {
        this.id = id;
        this.core = core;
    }

    /** The name of the room. */
    public String id() {
        return id;
    }

    /** This peer. */
    public Peer me() {
        return Objects.requireNonNull(core.me(), "joined");
    }

    /** Those that are here or away, by id, without this one. As of now: it does not change. */
    public Map<String, Peer> peers() {
        return core.peers();
    }

    public RoomState state() {
        return core.state();
    }

    /** Why it is not open; null when it is, or nothing is known. */
    public @Nullable PeerlineException reason() {
        return core.reason();
    }

    /** See {@link #send(Data, SendOptions)}. */
    public CompletableFuture<Receipt> send(String text) {
        return send(Data.text(text), SendOptions.DEFAULT);
    }

    /** See {@link #send(Data, SendOptions)}. */
    public CompletableFuture<Receipt> send(Data data) {
        return send(data, SendOptions.DEFAULT);
    }

    /**
     * Sends to everyone who is here or away now: exactly once, in order. Never waits: what cannot
     * leave yet is queued.
     *
     * @return completes when all have it, or it was given up for those who have not; cancelling
     *     gives it up. Fails with {@link PeerlineException}: {@code QUEUE_FULL} (retriable) when 8
     *     MiB are not acknowledged, {@code MESSAGE_TOO_LARGE} over 1 MiB, or with why the room is
     *     closed. What depends on it runs on a virtual thread
     */
    public CompletableFuture<Receipt> send(Data data, SendOptions options) {
        return core.sends().send(Destination.ROOM, "", data, options);
    }

    /** Completes when there is room for another message; fails when the room is closed. */
    public CompletableFuture<Void> ready() {
        return core.sends().ready();
    }

    /**
     * An ordering domain of its own, to everyone. The same name is the same channel.
     *
     * @param name 1 to 64 characters
     */
    public Channel channel(String name) {
        return core.channel(name, Destination.ROOM);
    }

    /** The same, to one peer alone. */
    public Channel channel(String name, Peer to) {
        return core.channel(name, Destination.peer(to.key()));
    }

    /** What comes from now on: {@link #topic(String, String)}. */
    public Topic topic(String name) {
        return core.topic(name, "now");
    }

    /**
     * Server push, with history: a topic or pattern that is read beside the room, over the same
     * connection, and published to.
     *
     * @param after {@code now}, {@code oldest}, or a cursor: {@link TopicMessage#id}, {@link
     *     Topic#cursor}
     * @throws PeerlineException {@code BAD_ARGUMENT}
     */
    public Topic topic(String name, String after) {
        return core.topic(name, after);
    }

    /** Every message, on whatever channel. */
    public Subscription onMessage(Consumer<? super Message> listener) {
        return core.listen(core.messages, listener);
    }

    /** Who comes and goes; those who were here before are in {@link #peers}. */
    public Subscription onPeer(Consumer<? super PeerEvent> listener) {
        return core.peerEvents.add(listener);
    }

    public Subscription onState(Consumer<? super RoomState> listener) {
        return core.states.add(listener);
    }

    /** What of others will not come. */
    public Subscription onGap(Consumer<? super Gap> listener) {
        return core.gaps.add(listener);
    }

    /** Trouble that is being mended, or that concerns one message. */
    public Subscription onError(Consumer<? super PeerlineException> listener) {
        return core.errors.add(listener);
    }

    /**
     * Says that the network is not what it was: another one, back after sleep, a radio that came
     * on. What is open is asked at once whether it lives, and no wait before an attempt applies any
     * more. Changes of this machine's addresses are noticed within 2 s without it; an app that is
     * told earlier, or of more (Android's {@code ConnectivityManager}), passes it on here. Cheap:
     * one question, and none if asked again within 300 ms.
     */
    public void networkChanged() {
        core.networkChanged();
    }

    /**
     * Leaves for good, after what was sent is with the others or the server (5 s at most); others
     * learn of it at once.
     *
     * @return completes when the room is closed; never fails
     */
    public CompletableFuture<Void> leave() {
        return core.leave();
    }

    /**
     * Leaves and waits for it. Interrupted, it waits no longer and leaves in the background; the
     * thread stays interrupted.
     */
    @Override
    public void close() {
        try {
            leave().get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
