package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Writes one packet after another, each when the one before it has left, so that no more than one
 * is ever in memory for a reader. Whoever wakes it has it write, unless somebody does already: on
 * its own thread, or where the pipe has to be written. Thread-safe, without a lock.
 */
final class Pump {
    /** Where packets come from and go to. Called by one thread at a time. */
    interface Pipe {
        /** The next packet; null when there is none now. */
        @Nullable Bytes next();

        /**
         * Writes it, and calls {@link Pump#written} when it has left, on this thread or another.
         */
        void write(Bytes packet);
    }

    private static final int WRITING = 0;
    private static final int WRITTEN = 1;
    private static final int PENDING = 2;

    private final Pipe pipe;
    private final Executor writing;

    /** How often it was woken since its writer last looked; above 0, somebody is at it. */
    private final AtomicInteger wakes = new AtomicInteger();

    private final AtomicInteger state = new AtomicInteger(WRITTEN);

    /**
     * @param writing where the pipe is asked and written to; it runs what it is given once, at once
     *     or later
     */
    Pump(Pipe pipe, Executor writing) {
        this.pipe = pipe;
        this.writing = writing;
    }

    void wake() {
        if (wakes.getAndIncrement() == 0) writing.execute(this::run);
    }

    /** The packet has left. */
    void written() {
        if (!state.compareAndSet(WRITING, WRITTEN)) writing.execute(this::run);
    }

    private void run() {
        int seen;
        do {
            seen = wakes.get();
            for (Bytes packet = pipe.next(); packet != null; packet = pipe.next()) {
                state.set(WRITING);
                pipe.write(packet);
                // Not gone yet: written() goes on from here.
                if (state.compareAndSet(WRITING, PENDING)) return;
            }
        } while (wakes.addAndGet(-seen) != 0);
    }
}
