package dev.peerline.sdk;

import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.pair.SendResult;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.sdk.SendOptions.Reliability;
import dev.peerline.sdk.driver.Driver;
import dev.peerline.sdk.driver.Loop;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ObjIntConsumer;

/**
 * The application's sends, from the call to the receipt. {@link #send} and {@link #ready} are for
 * any thread, all else for the loop.
 */
final class Sends {
    /** What a message weighs besides its bytes, as in the link. */
    private static final int OVERHEAD_BYTES = 64;

    private static final int MAX_LOOSE_BYTES = 16 * 1024;

    private final Driver driver;
    private final Loop loop;
    private final Executor completer;
    private final Limits limits;
    private final ObjIntConsumer<Destination> count;

    private final AtomicLong queuedBytes = new AtomicLong();
    private final Map<Long, Sending> pending = new HashMap<>();
    private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
    private volatile boolean full;
    private volatile @Nullable PeerlineException closed;

    /**
     * @param completer runs what the application does with its receipts: never the loop
     * @param count is told whom how many bytes are sent to
     */
    Sends(
            Driver driver,
            Loop loop,
            Executor completer,
            Limits limits,
            ObjIntConsumer<Destination> count) {
        this.driver = driver;
        this.loop = loop;
        this.completer = completer;
        this.limits = limits;
        this.count = count;
    }

    /** A message that has no receipt yet. */
    private final class Sending extends CompletableFuture<Receipt> {
        final Destination to;
        final Data data;
        final long atNanos = loop.nowNanos();
        long handle = -1;
        Loop.@Nullable Timer ttl;

        Sending(Destination to, Data data) {
            this.to = to;
            this.data = data;
        }

        int weight() {
            return data.length() + OVERHEAD_BYTES;
        }

        /** Gives up what is not delivered. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean first = super.cancel(mayInterruptIfRunning);
            if (first) loop.execute(this::giveUp);
            return first;
        }

        void giveUp() {
            if (handle >= 0) driver.abort(handle);
        }
    }

    CompletableFuture<Receipt> send(
            Destination to, String channel, Data data, SendOptions options) {
        PeerlineException refusal = refusal(data, options);
        if (refusal != null) return CompletableFuture.failedFuture(refusal);
        Sending sending = new Sending(to, data);
        if (queuedBytes.addAndGet(sending.weight()) > limits.queueBytes()) {
            full = true;
            queuedBytes.addAndGet(-sending.weight());
            return CompletableFuture.failedFuture(queueFull());
        }
        loop.execute(() -> start(sending, channel, options));
        return sending;
    }

    private @Nullable PeerlineException refusal(Data data, SendOptions options) {
        PeerlineException reason = closed;
        if (reason != null) return reason;
        boolean loose = options.reliability() == Reliability.UNRELIABLE;
        int most = loose ? MAX_LOOSE_BYTES : limits.messageBytes();
        if (data.length() <= most) return null;
        return new PeerlineException(
                "MESSAGE_TOO_LARGE",
                "A message has at most %d bytes, not %d".formatted(most, data.length()),
                false,
                "Cut it into several messages on a channel of their own");
    }

    private PeerlineException queueFull() {
        return new PeerlineException(
                "QUEUE_FULL",
                "More than %d bytes wait for acknowledgement".formatted(limits.queueBytes()),
                true,
                "Await ready(), or earlier sends");
    }

    private void start(Sending sending, String channel, SendOptions options) {
        PeerlineException reason = closed;
        if (reason != null || sending.isDone()) {
            release(sending);
            if (reason != null) fail(sending, reason);
            return;
        }
        Data data = sending.data;
        count.accept(sending.to, data.length());
        if (options.reliability() == Reliability.UNRELIABLE) {
            driver.sendLoose(sending.to, channel, data.dataType(), data.payload());
            release(sending);
            complete(
                    sending,
                    new Receipt(
                            0,
                            List.of(),
                            driver.lowestKind(sending.to, PairPath.SESSION),
                            Duration.ZERO));
            return;
        }
        switch (driver.send(sending.to, channel, data.dataType(), data.payload())) {
            case SendResult.Queued(long handle) -> {
                sending.handle = handle;
                pending.put(handle, sending);
                Duration ttl = options.ttl();
                if (ttl != null) {
                    long end = sending.atNanos + ttl.toNanos();
                    sending.ttl = loop.at(end, sending::giveUp);
                }
            }
            case SendResult.Refused _ -> {
                full = true;
                release(sending);
                fail(sending, queueFull());
            }
        }
    }

    void settled(PairEvent.Settled receipt) {
        Sending sending = pending.remove(receipt.handle());
        if (sending == null) return;
        if (sending.ttl != null) sending.ttl.cancel();
        release(sending);
        Duration elapsed = Duration.ofNanos(loop.nowNanos() - sending.atNanos);
        List<String> missed = receipt.missed().stream().map(Id::text).toList();
        complete(
                sending,
                new Receipt(
                        receipt.delivered(),
                        missed,
                        driver.lowestKind(sending.to, receipt.path()),
                        elapsed));
    }

    private void release(Sending sending) {
        long left = queuedBytes.addAndGet(-sending.weight());
        if (!full || left > limits.queueBytes() / 2) return;
        full = false;
        for (CompletableFuture<Void> each : waiting) {
            completer.execute(() -> each.complete(null));
        }
        waiting.clear();
    }

    /** Completes when there is room for another message. */
    CompletableFuture<Void> ready() {
        CompletableFuture<Void> ready = new CompletableFuture<>();
        loop.execute(
                () -> {
                    PeerlineException reason = closed;
                    if (reason != null) {
                        completer.execute(() -> ready.completeExceptionally(reason));
                    } else if (full && queuedBytes.get() > limits.queueBytes() / 2) {
                        waiting.add(ready);
                    } else {
                        full = false;
                        completer.execute(() -> ready.complete(null));
                    }
                });
        return ready;
    }

    /** What waits for its receipt. */
    long queuedBytes() {
        return queuedBytes.get();
    }

    /** Whether nothing does. */
    boolean settled() {
        return queuedBytes.get() == 0;
    }

    void close(PeerlineException reason) {
        closed = reason;
        for (Sending sending : pending.values()) {
            if (sending.ttl != null) sending.ttl.cancel();
            fail(sending, reason);
        }
        pending.clear();
        for (CompletableFuture<Void> each : waiting) {
            completer.execute(() -> each.completeExceptionally(reason));
        }
        waiting.clear();
    }

    private void complete(Sending sending, Receipt receipt) {
        completer.execute(() -> sending.complete(receipt));
    }

    private void fail(Sending sending, PeerlineException reason) {
        completer.execute(() -> sending.completeExceptionally(reason));
    }
}
