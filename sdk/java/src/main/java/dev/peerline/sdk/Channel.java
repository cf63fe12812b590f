package dev.peerline.sdk;

import dev.peerline.fallback.link.pair.Destination;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * An ordering domain of its own, to everyone or to one peer: what is slow here holds up nothing
 * elsewhere. Thread-safe.
 */
public final class Channel {
    private final String name;
    private final Destination to;
    private final RoomCore core;
    private final Listeners<Message> messages = new Listeners<>();

    Channel(String name, Destination to, RoomCore core) {
        this.name = name;
        this.to = to;
        this.core = core;
    }

    public String name() {
        return name;
    }

    /** As {@link Room#send(Data, SendOptions)}, in this channel's order. */
    public CompletableFuture<Receipt> send(String text) {
        return send(Data.text(text), SendOptions.DEFAULT);
    }

    /** As {@link Room#send(Data, SendOptions)}, in this channel's order. */
    public CompletableFuture<Receipt> send(Data data) {
        return send(data, SendOptions.DEFAULT);
    }

    /** As {@link Room#send(Data, SendOptions)}, in this channel's order. */
    public CompletableFuture<Receipt> send(Data data, SendOptions options) {
        return core.sends().send(to, name, data, options);
    }

    /** Messages on this channel alone. */
    public Subscription onMessage(Consumer<? super Message> listener) {
        return core.listen(messages, listener);
    }

    Listeners<Message> messages() {
        return messages;
    }
}
