package dev.peerline.sdk;

import dev.peerline.sdk.push.Backoff;
import dev.peerline.sdk.push.RequestFailure;
import dev.peerline.sdk.push.TopicRequests;
import dev.peerline.sdk.push.TopicRequests.Posting;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Publishes by POST: one message of a topic after the other, topics side by side, a virtual thread
 * for each while it has something to say. Thread-safe: one lock for its queues, not held over I/O.
 */
final class TopicPosts implements AutoCloseable {
    /** What may be published and not answered yet. */
    private static final long MAX_WAITING_BYTES = 8 << 20;

    private static final long OVERHEAD_BYTES = 512;

    private final TopicRequests requests;
    private final Map<String, Lane> lanes = new HashMap<>();
    private long waitingBytes;
    private boolean closed;

    /** What is to be published on one topic. */
    private static final class Lane {
        private final Queue<Waiting> queue = new ArrayDeque<>();
        private @Nullable Thread thread;
    }

    private record Waiting(Posting posting, CompletableFuture<String> answer) {
        private long bytes() {
            return posting.body().length() + OVERHEAD_BYTES;
        }
    }

    TopicPosts(TopicRequests requests) {
        this.requests = requests;
    }

    /**
     * Publishes when what was published on this topic before is answered.
     *
     * @return completes with the message's id
     */
    CompletableFuture<String> publish(Posting posting) {
        Waiting waiting = new Waiting(posting, new CompletableFuture<>());
        synchronized (this) {
            if (closed) return CompletableFuture.failedFuture(closed());
            if (waitingBytes + waiting.bytes() > MAX_WAITING_BYTES) {
                return CompletableFuture.failedFuture(full());
            }
            waitingBytes += waiting.bytes();
            Lane lane = lanes.computeIfAbsent(posting.topic(), _ -> new Lane());
            lane.queue.add(waiting);
            if (lane.thread == null) {
                lane.thread =
                        Thread.ofVirtual()
                                .name("peerline-publish")
                                .start(() -> run(posting.topic(), lane));
            }
        }
        return waiting.answer();
    }

    private static PeerlineException closed() {
        return new PeerlineException("CLOSED", "The topics of this server were closed", false, "");
    }

    private static PeerlineException full() {
        return new PeerlineException(
                "QUEUE_FULL",
                "%d bytes at most may wait for their answer".formatted(MAX_WAITING_BYTES),
                true,
                "Await earlier ones");
    }

    private void run(String topic, Lane lane) {
        for (Waiting each; (each = next(topic, lane)) != null; ) {
            try {
                String id = send(each.posting());
                settled(each);
                each.answer().complete(id);
            } catch (RequestFailure failure) {
                settled(each);
                each.answer().completeExceptionally(failure.why());
            } catch (InterruptedException _) {
                settled(each);
                each.answer().completeExceptionally(closed());
            } catch (RuntimeException fault) {
                settled(each);
                each.answer().completeExceptionally(fault);
            }
        }
    }

    private synchronized @Nullable Waiting next(String topic, Lane lane) {
        Waiting next = lane.queue.poll();
        if (next == null) lanes.remove(topic);
        return next;
    }

    private synchronized void settled(Waiting waiting) {
        waitingBytes -= waiting.bytes();
    }

    /** Without a key nobody knows whether it would be published twice: it is tried once. */
    private String send(Posting posting) throws RequestFailure, InterruptedException {
        Backoff backoff = new Backoff(new SplittableRandom());
        while (true) {
            Duration wait;
            try {
                return requests.publish(posting);
            } catch (RequestFailure failure) {
                if (posting.key().isEmpty() || !failure.why().retriable()) throw failure;
                wait = backoff.next(failure.retryAfter());
            }
            TimeUnit.NANOSECONDS.sleep(wait.toNanos());
        }
    }

    /** Fails what is not published; what is under way may be published or not. */
    @Override
    public void close() {
        List<Waiting> left = new ArrayList<>();
        synchronized (this) {
            closed = true;
            for (Lane lane : lanes.values()) {
                left.addAll(lane.queue);
                lane.queue.clear();
                if (lane.thread != null) lane.thread.interrupt();
            }
        }
        for (Waiting each : left) each.answer().completeExceptionally(closed());
    }
}
