package dev.peerline.sdk;

import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.TopicPlace;

import org.jspecify.annotations.Nullable;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A topic or pattern, read by this process and published to. Reading begins with the first message
 * listener or subscriber; who is slow holds up the reading, and then goes on from the server's log.
 * Thread-safe. Listeners are called one at a time, in order.
 */
public final class Topic implements AutoCloseable {
    /** What may wait for listeners before the server is asked to wait. */
    private static final long MAX_HELD_BYTES = 1 << 20;

    private static final int OVERHEAD_BYTES = 256;

    private final String name;
    private final Source source;
    private final Dispatcher dispatcher;
    private final Listeners<TopicMessage> messages = new Listeners<>();
    private final Listeners<TopicGap> gaps = new Listeners<>();
    private final Listeners<PeerlineException> errors = new Listeners<>();
    private final Set<TopicFlow> flows = new CopyOnWriteArraySet<>();
    private final AtomicBoolean reading = new AtomicBoolean();
    private final AtomicLong held = new AtomicLong();
    private final AtomicBoolean paused = new AtomicBoolean();
    private volatile TopicPlace place;
    private volatile @Nullable PeerlineException closed;

    /** Where messages come from. Any thread may call it. */
    interface Source {
        /** Begins to read, or goes on, from the topic's place. */
        void read(Topic topic);

        /** Reads no more for now. */
        void pause(Topic topic);

        /** Reads no more. */
        void leave(Topic topic);

        CompletableFuture<String> publish(Topic topic, Data data, PublishOptions options);
    }

    /**
     * @param after {@code now}, {@code oldest} or a cursor
     * @throws PeerlineException {@code BAD_ARGUMENT}
     */
    Topic(String name, String after, Source source, Dispatcher dispatcher) {
        if (TopicPattern.parse(name) == null) {
            throw PeerlineException.badArgument(
                    "topic: prices.eur, prices.* or prices.>, not " + name);
        }
        this.name = name;
        this.source = source;
        this.dispatcher = dispatcher;
        place = placeOf(after);
    }

    private static TopicPlace placeOf(String after) {
        if (after.equals("now")) return TopicPlace.NOW;
        if (after.equals("oldest") || after.equals("0")) return TopicPlace.OLDEST;
        Cursor cursor = CursorText.parse(after);
        if (cursor != null) return TopicPlace.after(cursor);
        throw PeerlineException.badArgument("after: now, oldest or a cursor, not " + after);
    }

    public String name() {
        return name;
    }

    /** What was handed over last, to go on from there another time; null when it is not known. */
    public @Nullable String cursor() {
        Cursor cursor = place.cursor();
        return cursor == null ? null : CursorText.of(cursor);
    }

    /** See {@link #publish(Data, PublishOptions)}. */
    public CompletableFuture<String> publish(String text) {
        return publish(Data.text(text), PublishOptions.DEFAULT);
    }

    /** See {@link #publish(Data, PublishOptions)}. */
    public CompletableFuture<String> publish(Data data) {
        return publish(data, PublishOptions.DEFAULT);
    }

    /**
     * Publishes, in the order of the calls.
     *
     * @return completes with the message's id when it is in the log. Fails with {@link
     *     PeerlineException}: {@code FORBIDDEN_SCOPE}, {@code MESSAGE_TOO_LARGE}, {@code
     *     QUEUE_FULL} (retriable); {@code UNREACHABLE} (retriable) where nobody knows whether it
     *     was published, which a key avoids
     */
    public CompletableFuture<String> publish(Data data, PublishOptions options) {
        PeerlineException why = closed;
        if (why != null) return CompletableFuture.failedFuture(why);
        TopicPattern topic = TopicPattern.parse(name);
        if (topic == null || !topic.isTopic()) {
            return CompletableFuture.failedFuture(
                    PeerlineException.badArgument(
                            "topic: messages are published to one, not to " + name));
        }
        return source.publish(this, data, options);
    }

    /** Every message, in order. */
    public Subscription onMessage(Consumer<? super TopicMessage> listener) {
        Subscription subscription = messages.add(listener);
        begin();
        return subscription;
    }

    /** What will not come. */
    public Subscription onGap(Consumer<? super TopicGap> listener) {
        return gaps.add(listener);
    }

    /** Trouble; where it is not retriable, the topic is closed. */
    public Subscription onError(Consumer<? super PeerlineException> listener) {
        return errors.add(listener);
    }

    /**
     * The messages, as subscribers ask for them. It completes when the topic is closed, and fails
     * with why it ended otherwise.
     */
    public Flow.Publisher<TopicMessage> messages() {
        return subscriber -> {
            TopicFlow flow = new TopicFlow(this, dispatcher, subscriber);
            dispatcher.add(
                    () -> {
                        flows.add(flow);
                        flow.begin();
                        PeerlineException why = closed;
                        if (why == null) begin();
                        else flow.end(why);
                    });
        };
    }

    /** Reads no more. */
    @Override
    public void close() {
        if (closed != null) return;
        source.leave(this);
        end(new PeerlineException("CLOSED", "The topic was closed", false, ""));
    }

    private void begin() {
        if (closed == null && reading.compareAndSet(false, true)) source.read(this);
    }

    // What its source tells, one at a time

    TopicPlace place() {
        return place;
    }

    boolean isPaused() {
        return paused.get();
    }

    boolean isClosed() {
        return closed != null;
    }

    /** Reading begins after this. */
    void begun(Cursor cursor) {
        if (place.cursor() == null) place = TopicPlace.after(cursor);
    }

    void message(Cursor id, TopicMessage message) {
        if (closed != null) return;
        int bytes = message.data().length();
        hold(bytes);
        dispatcher.add(
                () -> {
                    place = TopicPlace.after(id);
                    messages.tell(message);
                    for (TopicFlow flow : flows) flow.offer(message);
                    release(bytes);
                });
    }

    /**
     * Tells a gap.
     *
     * @param next reading goes on after it
     */
    void gap(TopicGap gap, Cursor next) {
        if (closed != null) return;
        dispatcher.add(
                () -> {
                    place = TopicPlace.after(next);
                    gaps.tell(gap);
                });
    }

    void trouble(PeerlineException why) {
        dispatcher.add(() -> errors.tell(why));
    }

    void end(PeerlineException why) {
        if (closed != null) return;
        closed = why;
        if (!why.code().equals("CLOSED")) trouble(why);
        dispatcher.add(
                () -> {
                    for (TopicFlow flow : flows) flow.end(why);
                    flows.clear();
                });
    }

    // What waits

    void forget(TopicFlow flow) {
        flows.remove(flow);
    }

    void hold(int bytes) {
        boolean full = held.addAndGet(bytes + OVERHEAD_BYTES) > MAX_HELD_BYTES;
        if (full && paused.compareAndSet(false, true)) source.pause(this);
    }

    void release(int bytes) {
        boolean low = held.addAndGet(-bytes - OVERHEAD_BYTES) <= MAX_HELD_BYTES / 2;
        if (low && closed == null && paused.compareAndSet(true, false)) source.read(this);
    }
}
