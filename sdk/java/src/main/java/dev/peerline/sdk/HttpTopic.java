package dev.peerline.sdk;

import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.TopicPlace;
import dev.peerline.sdk.push.TopicReading;
import dev.peerline.sdk.push.TopicReading.Missed;
import dev.peerline.sdk.push.TopicReading.Told;
import dev.peerline.sdk.push.TopicRequests;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Where the messages of one topic come from that is read over HTTP. Thread-safe. */
final class HttpTopic implements Topic.Source {
    private final TopicRequests requests;
    private final Function<TopicRequests.Posting, CompletableFuture<String>> posts;
    private final TopicReading.Patience patience;
    private final Runnable left;
    private @Nullable Thread reading;
    private boolean over;

    /**
     * @param left told when the topic is read no more
     */
    HttpTopic(
            TopicRequests requests,
            Function<TopicRequests.Posting, CompletableFuture<String>> posts,
            TopicReading.Patience patience,
            Runnable left) {
        this.requests = requests;
        this.posts = posts;
        this.patience = patience;
        this.left = left;
    }

    /** Begins to read; or there is room again, which who waits for it sees for itself. */
    @Override
    public synchronized void read(Topic topic) {
        if (over) return;
        notifyAll();
        if (reading != null) return;
        TopicPlace place = topic.place();
        Cursor cursor = place.cursor();
        String from = null;
        if (cursor != null) from = CursorText.of(cursor);
        else if (place.equals(TopicPlace.OLDEST)) from = "0";
        TopicReading its =
                new TopicReading(requests, topic.name(), from, new Teller(topic), patience);
        reading = Thread.ofVirtual().name("peerline-topic").start(its);
    }

    /** Who reads sees it, and waits. */
    @Override
    public void pause(Topic topic) {}

    @Override
    public void leave(Topic topic) {
        synchronized (this) {
            over = true;
            if (reading != null) reading.interrupt();
        }
        left.run();
    }

    private synchronized void awaitRoom(Topic topic) throws InterruptedException {
        while (topic.isPaused() && !over) wait();
        if (over) throw new InterruptedException();
    }

    @Override
    public CompletableFuture<String> publish(Topic topic, Data data, PublishOptions options) {
        return posts.apply(posting(topic.name(), data, options));
    }

    static TopicRequests.Posting posting(String topic, Data data, PublishOptions options) {
        String type = options.type().isEmpty() ? TopicMessage.typeOf(data) : options.type();
        return new TopicRequests.Posting(topic, type, options.key(), data.payload());
    }

    /** Passes on what is read. */
    private final class Teller implements TopicReading.Listener {
        private final Topic topic;

        private Teller(Topic topic) {
            this.topic = topic;
        }

        @Override
        public void begun(Cursor cursor) {
            topic.begun(cursor);
        }

        @Override
        public void message(Cursor id, Told told) {
            Data data = TopicMessage.decode(told.type(), told.body());
            Instant time = Instant.ofEpochMilli(told.timeMillis());
            topic.message(
                    id, new TopicMessage(CursorText.of(id), time, told.topic(), told.type(), data));
        }

        @Override
        public void gap(Missed gap, Cursor next) {
            topic.gap(new TopicGap(gap.after(), gap.oldest(), gap.reason()), next);
        }

        @Override
        public void trouble(PeerlineException why) {
            topic.trouble(why);
        }

        @Override
        public void ended(PeerlineException why) {
            topic.end(why);
            leave(topic);
        }

        @Override
        public void awaitRoom() throws InterruptedException {
            HttpTopic.this.awaitRoom(topic);
        }
    }
}
