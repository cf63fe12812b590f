package dev.peerline.sdk;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;

/**
 * One subscriber of a topic, which is given what it asks for. All but requests on the dispatcher.
 */
final class TopicFlow implements Flow.Subscription {
    private final Topic topic;
    private final Dispatcher dispatcher;
    private final Flow.Subscriber<? super TopicMessage> subscriber;
    private final Deque<TopicMessage> waiting = new ArrayDeque<>();
    private long demand;
    private boolean over;

    /** Why nothing more comes; null while something may. */
    private @Nullable PeerlineException ending;

    TopicFlow(
            Topic topic, Dispatcher dispatcher, Flow.Subscriber<? super TopicMessage> subscriber) {
        this.topic = topic;
        this.dispatcher = dispatcher;
        this.subscriber = subscriber;
    }

    void begin() {
        subscriber.onSubscribe(this);
    }

    void offer(TopicMessage message) {
        if (over) return;
        topic.hold(message.data().length());
        waiting.add(message);
        drain();
    }

    void end(PeerlineException why) {
        ending = why;
        drain();
    }

    @Override
    public void request(long count) {
        dispatcher.add(
                () -> {
                    if (count <= 0) fail();
                    // More than can ever come is as good as all.
                    else demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
                    drain();
                });
    }

    @Override
    public void cancel() {
        dispatcher.add(this::stop);
    }

    private void drain() {
        while (!over && demand > 0 && !waiting.isEmpty()) {
            demand--;
            TopicMessage next = waiting.remove();
            try {
                subscriber.onNext(next);
            } finally {
                topic.release(next.data().length());
            }
        }
        PeerlineException why = ending;
        if (over || why == null || !waiting.isEmpty()) return;
        stop();
        if (why.code().equals("CLOSED")) subscriber.onComplete();
        else subscriber.onError(why);
    }

    /** Reactive Streams §3.9. */
    private void fail() {
        if (over) return;
        stop();
        subscriber.onError(new IllegalArgumentException("request: a count must be > 0"));
    }

    private void stop() {
        if (over) return;
        over = true;
        topic.forget(this);
        for (TopicMessage each : waiting) topic.release(each.data().length());
        waiting.clear();
    }
}
