package dev.peerline.fallback.link.session;

import java.util.Comparator;
import java.util.PriorityQueue;

/** Virtual time in ms: what is to happen happens in order, at once. */
final class Timeline {
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(
                    Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long now;
    private long order;

    private record Event(long at, long order, Runnable action) {}

    long now() {
        return now;
    }

    void at(long when, Runnable action) {
        events.add(new Event(Math.max(when, now), order++, action));
    }

    void after(long delay, Runnable action) {
        at(now + delay, action);
    }

    /** Lets everything happen up to and including a time. */
    void runTo(long end) {
        while (!events.isEmpty() && events.peek().at <= end) {
            Event next = events.remove();
            now = next.at;
            next.action.run();
        }
        now = end;
    }
}
