package dev.peerline.server;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Keeps what comes, to be waited for. */
final class Collector<E> implements Consumer<E> {
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<E> queue = new LinkedBlockingQueue<>();

    @Override
    public void accept(E event) {
        queue.add(event);
    }

    /** The next. */
    E next() throws InterruptedException {
        E event = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) throw new AssertionError("waited in vain");
        return event;
    }

    /** The next, if one comes in this time; else null. */
    @Nullable E within(long millis) throws InterruptedException {
        return queue.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** The next that is wanted; others before it are passed over. */
    E next(Predicate<E> wanted) throws InterruptedException {
        while (true) {
            E event = next();
            if (wanted.test(event)) return event;
        }
    }

    List<E> next(int count) throws InterruptedException {
        List<E> events = new ArrayList<>();
        while (events.size() < count) events.add(next());
        return events;
    }

    boolean isEmpty() {
        return queue.isEmpty();
    }
}
