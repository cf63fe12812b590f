package dev.peerline.sdk.push;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A body that is read as it comes, by a thread that waits for it with a limit. One part is asked
 * for at a time, so a reader that does nothing holds up its server.
 */
final class Pulled implements BodySubscriber<Pulled> {
    private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
    private final BlockingQueue<Part> parts = new LinkedBlockingQueue<>();
    private boolean asked;

    /**
     * What came.
     *
     * @param bytes null at the end
     * @param problem why it ended; null where it was the server's wish
     */
    private record Part(@Nullable List<ByteBuffer> bytes, @Nullable Throwable problem) {}

    /** It can be read at once. */
    @Override
    public CompletionStage<Pulled> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription its) {
        subscribed.complete(its);
    }

    @Override
    public void onNext(List<ByteBuffer> bytes) {
        parts.add(new Part(bytes, null));
    }

    @Override
    public void onError(Throwable problem) {
        parts.add(new Part(null, problem));
    }

    @Override
    public void onComplete() {
        parts.add(new Part(null, null));
    }

    /**
     * Waits for more.
     *
     * @return null at the end
     * @throws IOException when the connection broke, or nothing came within the limit
     */
    @Nullable List<ByteBuffer> next(Duration limit) throws IOException, InterruptedException {
        if (!asked) subscribed.join().request(1);
        asked = true;
        Part part = parts.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
        if (part == null) throw new IOException("nothing came for " + limit);
        if (part.problem() != null) throw new IOException("the stream broke", part.problem());
        asked = false;
        return part.bytes();
    }

    /** Reads no more. */
    void cancel() {
        var _ = subscribed.thenAccept(Flow.Subscription::cancel);
    }
}
