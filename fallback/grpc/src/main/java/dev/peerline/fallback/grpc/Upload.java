package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.Publisher.Outcome;
import dev.peerline.fallback.grpc.v1.PublishRequest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Publishes what comes on one stream, in order. One that comes faster than its rate allows is not
 * refused but waits, and with it the stream: whoever reads it takes no more than {@link #MAX_TAKEN}
 * that are not answered. It belongs to its hub's thread.
 */
final class Upload {
    /** Requests of one stream that are in memory. */
    static final int MAX_TAKEN = 16;

    private final Publisher publisher;
    private final PushCaller caller;
    private final Hub hub;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int unanswered;
    private boolean paused;
    private boolean over;

    private record Waiting(PublishRequest request, Consumer<Outcome> answer) {}

    Upload(Publisher publisher, PushCaller caller, Hub hub) {
        this.publisher = publisher;
        this.caller = caller;
        this.hub = hub;
    }

    /** Whether all are answered. */
    boolean isIdle() {
        return unanswered == 0;
    }

    /** Nothing more is published, and nothing answered. */
    void end() {
        over = true;
        waiting.clear();
    }

    /**
     * Takes the next.
     *
     * @param answer is given the outcome, on the hub's thread
     */
    void take(PublishRequest request, Consumer<Outcome> answer) {
        unanswered++;
        waiting.add(new Waiting(request, answer));
        publish();
    }

    private void publish() {
        while (!paused && !over && !waiting.isEmpty()) {
            Waiting next = waiting.remove();
            publisher.publish(caller, next.request(), hub, outcome -> answered(next, outcome));
        }
    }

    private void answered(Waiting asked, Outcome outcome) {
        if (over) return;
        if (outcome instanceof Outcome.Refused(PushRefusal why)
                && why.error() == PushError.RATE_LIMITED) {
            // Only what was not handed on is refused for this, and that is the foremost.
            waiting.addFirst(asked);
            paused = true;
            hub.after(Math.max(1, why.retryAfterMillis()), this::resume);
            return;
        }
        unanswered--;
        asked.answer().accept(outcome);
    }

    private void resume() {
        paused = false;
        publish();
    }
}
