package dev.peerline.sdk;

import dev.peerline.sdk.driver.Loop;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Hands messages to the dispatcher, and keeps those that come before anybody listens: for the first
 * listener, and for 10 s at most. Whoever has just joined has time to add one.
 */
final class HeldMessages {
    private static final long HOLD_NANOS = Duration.ofSeconds(10).toNanos();

    private final Loop loop;
    private final Dispatcher dispatcher;
    private final Consumer<Message> tell;

    /** Touched by the dispatcher alone. */
    private final Deque<Held> held = new ArrayDeque<>();

    private volatile boolean holding = true;

    private record Held(Message message, int bytes) {}

    HeldMessages(Loop loop, Dispatcher dispatcher, Consumer<Message> tell) {
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.tell = tell;
    }

    /** The room has been joined. */
    void begin() {
        loop.at(loop.nowNanos() + HOLD_NANOS, this::listening);
    }

    /** Somebody listens, or nobody will; from any thread. */
    void listening() {
        if (!holding) return;
        holding = false;
        dispatcher.add(this::flush);
    }

    void add(Message message, int bytes) {
        dispatcher.hold(bytes);
        dispatcher.add(
                () -> {
                    held.add(new Held(message, bytes));
                    if (!holding) flush();
                });
    }

    private void flush() {
        for (Held each; (each = held.poll()) != null; ) {
            try {
                tell.accept(each.message());
            } finally {
                dispatcher.release(each.bytes());
            }
        }
    }
}
