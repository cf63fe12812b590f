package dev.peerline.fallback.grpc;

import com.google.protobuf.UnsafeByteOperations;

import dev.peerline.fallback.grpc.v1.Message;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.topic.Topics;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Streams that share a thread, and all that is theirs. A publisher wakes a hub at most once,
 * however many readers and messages there are. What has no other word on it belongs to the thread.
 */
final class Hub {
    private static final System.Logger LOGGER = System.getLogger(Hub.class.getName());
    private static final int SWEEP_MILLIS = 100;

    /** What is made of messages is kept for the readers that come next, but no more of it. */
    private static final int REMEMBERED = 256;

    private final Topics topics;
    private final ScheduledExecutorService thread;
    private final Map<String, Shelf> shelves = new HashMap<>();
    private final Set<Stream> streams = new HashSet<>();
    private final Queue<Shelf> woken = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final IdentityHashMap<TopicMessage, SubscribeResponse> made = new IdentityHashMap<>();

    /** What lives on a hub, for as long as its client wants it. */
    interface Stream {
        /** What time brings about. */
        void sweep(long nowMillis);

        /** It is sent away at a time. */
        void endAt(long millis);
    }

    /** The readers of one log. */
    private final class Shelf {
        private final List<Reader> readers = new ArrayList<>();
        private final AtomicBoolean isWoken = new AtomicBoolean();
        private final TopicLog.Waiting waiting;

        private Shelf(TopicLog log) {
            waiting = log.await(this::wake);
        }

        /** From any thread. */
        private void wake() {
            if (isWoken.compareAndSet(false, true)) Hub.this.wake(this);
        }

        private void deliver() {
            isWoken.set(false);
            for (Reader reader : List.copyOf(readers)) reader.woken();
        }
    }

    Hub(Topics topics, int number) {
        this.topics = topics;
        thread =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("peerline-grpc-" + number).factory());
        var _ =
                thread.scheduleWithFixedDelay(
                        () -> guarded(this::sweep),
                        SWEEP_MILLIS,
                        SWEEP_MILLIS,
                        TimeUnit.MILLISECONDS);
    }

    /** Milliseconds since some moment; unlike the time of day they never jump. Any thread. */
    static long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** Runs a task on its thread. From any thread. */
    void run(Runnable task) {
        after(0, task);
    }

    /** Runs a task on its thread, later. From any thread. */
    void after(long millis, Runnable task) {
        try {
            if (millis <= 0) {
                thread.execute(() -> guarded(task));
            } else {
                var _ = thread.schedule(() -> guarded(task), millis, TimeUnit.MILLISECONDS);
            }
        } catch (RejectedExecutionException _) {
            // The server is closed, and every stream with it.
        }
    }

    /** A fault at one stream must not end the others. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=grpc-failed", fault);
        }
    }

    private void wake(Shelf shelf) {
        woken.add(shelf);
        if (scheduled.compareAndSet(false, true)) run(this::deliver);
    }

    private void deliver() {
        scheduled.set(false);
        for (Shelf shelf = woken.poll(); shelf != null; shelf = woken.poll()) {
            guarded(shelf::deliver);
        }
        made.clear();
    }

    void add(Stream stream) {
        streams.add(stream);
    }

    void remove(Stream stream) {
        streams.remove(stream);
    }

    void add(Reader reader) {
        shelves.computeIfAbsent(reader.log(), name -> new Shelf(topics.log(name)))
                .readers
                .add(reader);
    }

    void remove(Reader reader) {
        Shelf shelf = shelves.get(reader.log());
        if (shelf == null || !shelf.readers.remove(reader) || !shelf.readers.isEmpty()) return;
        shelf.waiting.cancel();
        shelves.remove(reader.log());
    }

    /** A message as it goes to all readers, made once for those that are given it together. */
    SubscribeResponse event(TopicMessage message) {
        if (made.size() >= REMEMBERED) made.clear();
        return made.computeIfAbsent(message, Hub::make);
    }

    private static SubscribeResponse make(TopicMessage message) {
        Message.Builder copy =
                Message.newBuilder()
                        .setId(CursorText.of(message.id()))
                        .setTime(message.timeMillis())
                        .setTopic(message.topic())
                        .setType(message.type())
                        // The log's own bytes, which nobody changes.
                        .setData(UnsafeByteOperations.unsafeWrap(message.body().buffer()));
        return SubscribeResponse.newBuilder().setMessage(copy).build();
    }

    private void sweep() {
        long now = nowMillis();
        for (Stream stream : streams.toArray(Stream[]::new)) stream.sweep(now);
    }

    /** Sends all of them away, one after another within the time. From any thread. */
    void drain(long spreadMillis) {
        run(
                () -> {
                    long now = nowMillis();
                    int count = streams.size();
                    int i = 0;
                    for (Stream stream : streams) stream.endAt(now + spreadMillis * i++ / count);
                });
    }

    /** Ends the thread. From any other. */
    void close() {
        thread.shutdownNow();
    }
}
