package dev.peerline.sdk;

import dev.peerline.fallback.link.client.SessionEvent;
import dev.peerline.fallback.link.client.TopicWay;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicFault;
import dev.peerline.fallback.link.wire.TopicPlace;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The topics of one room, over its session. Its state belongs to the loop. */
final class RoomTopics implements Topic.Source {
    /** What may be published and not answered yet. */
    private static final long MAX_WAITING_BYTES = 8 << 20;

    private static final long RETRY_MILLIS = 1_000;

    private final Loop loop;
    private final TopicWay way;
    private final Runnable wake;
    private final Dispatcher dispatcher;
    private final Executor completer;
    private final Map<Long, Topic> byNumber = new HashMap<>();
    private final Map<Topic, Reading> readings = new HashMap<>();

    /** Up to where messages were handed to the dispatcher. */
    private final Map<Topic, Cursor> taken = new HashMap<>();

    private final Map<Long, CompletableFuture<String>> requests = new HashMap<>();
    private @Nullable PeerlineException closed;

    /**
     * Where a topic is read.
     *
     * @param number its subscription; the one before, while what came under it is handed over
     * @param from where it goes on after a pause; null while it is read
     */
    private record Reading(long number, @Nullable TopicPlace from) {}

    /**
     * @param wake has the session's driver send what there is
     */
    RoomTopics(Loop loop, TopicWay way, Runnable wake, Dispatcher dispatcher, Executor completer) {
        this.loop = loop;
        this.way = way;
        this.wake = wake;
        this.dispatcher = dispatcher;
        this.completer = completer;
    }

    Topic open(String name, String after) {
        return new Topic(name, after, this, dispatcher);
    }

    @Override
    public void read(Topic topic) {
        loop.execute(() -> subscribe(topic));
    }

    private void subscribe(Topic topic) {
        PeerlineException why = closed;
        if (why != null) topic.end(why);
        if (topic.isClosed() || topic.isPaused()) return;
        Reading before = readings.get(topic);
        TopicPlace from = before == null ? null : before.from;
        if (before != null && from == null) return;
        Cursor last = taken.get(topic);
        if (from == null) from = last == null ? topic.place() : TopicPlace.after(last);
        // What came under the number before has been handed over, or is on its way to be.
        long number = way.subscribe(topic.name(), from);
        byNumber.put(number, topic);
        readings.put(topic, new Reading(number, null));
        wake.run();
    }

    @Override
    public void pause(Topic topic) {
        loop.execute(
                () -> {
                    Reading reading = readings.get(topic);
                    if (reading == null || reading.from != null || !topic.isPaused()) return;
                    Cursor read = way.cursor(reading.number);
                    way.unsubscribe(reading.number);
                    TopicPlace from = read == null ? topic.place() : TopicPlace.after(read);
                    readings.put(topic, new Reading(reading.number, from));
                    wake.run();
                });
    }

    @Override
    public void leave(Topic topic) {
        loop.execute(
                () -> {
                    Reading reading = readings.remove(topic);
                    byNumber.values().removeIf(topic::equals);
                    taken.remove(topic);
                    if (reading == null) return;
                    way.unsubscribe(reading.number);
                    wake.run();
                });
    }

    @Override
    public CompletableFuture<String> publish(Topic topic, Data data, PublishOptions options) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        if (data.length() > TopicUp.MAX_PUBLISH_BYTES) {
            return CompletableFuture.failedFuture(
                    new PeerlineException(
                            "MESSAGE_TOO_LARGE",
                            "A message has at most %d bytes, not %d"
                                    .formatted(TopicUp.MAX_PUBLISH_BYTES, data.length()),
                            false,
                            ""));
        }
        loop.execute(() -> publish(topic.name(), data, options, answer));
        return answer;
    }

    private void publish(
            String topic, Data data, PublishOptions options, CompletableFuture<String> answer) {
        PeerlineException why = closed;
        if (why == null && way.waitingBytes() + data.length() > MAX_WAITING_BYTES) {
            why =
                    new PeerlineException(
                            "QUEUE_FULL",
                            "%d bytes at most may wait for their answer"
                                    .formatted(MAX_WAITING_BYTES),
                            true,
                            "Await earlier ones");
        }
        if (why != null) {
            fail(answer, why);
            return;
        }
        String type = options.type().isEmpty() ? TopicMessage.typeOf(data) : options.type();
        requests.put(way.publish(topic, type, options.key(), data.payload()), answer);
        wake.run();
    }

    /** Something happened in the session. */
    void take(SessionEvent.Topical event) {
        switch (event) {
            case SessionEvent.TopicBegun(long number, Cursor cursor) -> {
                Topic topic = byNumber.get(number);
                if (topic != null) topic.begun(cursor);
            }
            case SessionEvent.TopicMessage(long number, Cursor id, TopicDown.Item item) -> {
                Topic topic = byNumber.get(number);
                if (topic == null) return;
                taken.put(topic, id);
                topic.message(id, message(id, item));
            }
            case SessionEvent.TopicMissed(TopicDown.Missed missed) -> {
                Topic topic = byNumber.get(missed.number());
                if (topic == null) return;
                taken.put(topic, missed.next());
                topic.gap(gap(missed), missed.next());
            }
            case SessionEvent.TopicEnded(long number, TopicFault fault) -> ended(number, fault);
            case SessionEvent.TopicAnswer(long request, Cursor id, TopicFault fault) ->
                    answered(request, id, fault);
        }
    }

    private static TopicMessage message(Cursor id, TopicDown.Item item) {
        return new TopicMessage(
                CursorText.of(id),
                Instant.ofEpochMilli(item.timeMillis()),
                item.topic(),
                item.type(),
                TopicMessage.decode(item.type(), item.body()));
    }

    private static TopicGap gap(TopicDown.Missed missed) {
        return new TopicGap(
                CursorText.of(missed.after()), CursorText.of(missed.oldest()), missed.reason());
    }

    private void ended(long number, TopicFault fault) {
        Topic topic = byNumber.remove(number);
        if (topic == null) return;
        readings.remove(topic);
        PeerlineException why = exception(fault);
        if (!why.retriable()) {
            topic.end(why);
            return;
        }
        topic.trouble(why);
        long millis = fault.retryAfterMillis() > 0 ? fault.retryAfterMillis() : RETRY_MILLIS;
        loop.at(loop.nowNanos() + Duration.ofMillis(millis).toNanos(), () -> subscribe(topic));
    }

    private void answered(long request, @Nullable Cursor id, @Nullable TopicFault fault) {
        CompletableFuture<String> answer = requests.remove(request);
        if (answer == null) return;
        if (id == null) fail(answer, exception(Objects.requireNonNull(fault)));
        else completer.execute(() -> answer.complete(CursorText.of(id)));
    }

    private void fail(CompletableFuture<String> answer, PeerlineException why) {
        completer.execute(() -> answer.completeExceptionally(why));
    }

    private static PeerlineException exception(TopicFault fault) {
        return new PeerlineException(fault.code(), fault.message(), fault.retriable(), "");
    }

    /** The room is closed. */
    void close(PeerlineException why) {
        closed = why;
        List.copyOf(byNumber.values()).forEach(topic -> topic.end(why));
        List.copyOf(requests.values()).forEach(answer -> fail(answer, why));
        byNumber.clear();
        readings.clear();
        taken.clear();
        requests.clear();
    }
}
