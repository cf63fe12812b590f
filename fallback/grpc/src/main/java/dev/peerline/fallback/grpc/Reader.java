package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.Gap;
import dev.peerline.fallback.grpc.v1.Started;
import dev.peerline.fallback.grpc.v1.SubscribeResponse;
import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.topic.Page;
import dev.peerline.fallback.link.topic.TopicMessage;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * One subscription. It has a place in the log and no queue: what its client is not ready for stays
 * in the log. It belongs to its hub's thread.
 */
final class Reader {
    /** One step takes no further message from here on. */
    private static final long STEP_BYTES = 16 * 1024;

    private static final int STEP_MESSAGES = 64;

    private final Hub hub;
    private final TopicReader place;
    private final PushMetrics metrics;
    private final int window;
    private final Runnable onWoken;
    private final Consumer<SubscribeResponse> out;

    /** Offsets that the client has not acknowledged; with a window alone. */
    private final Deque<Long> unacknowledged = new ArrayDeque<>();

    private boolean behind = true;

    /**
     * @param window messages that may be unacknowledged; 0 for any number, which is then not known
     * @param onWoken there may be something to read
     * @param out takes what it yields
     */
    Reader(
            Hub hub,
            TopicReader place,
            PushMetrics metrics,
            int window,
            Runnable onWoken,
            Consumer<SubscribeResponse> out) {
        this.hub = hub;
        this.place = place;
        this.metrics = metrics;
        this.window = window;
        this.onWoken = onWoken;
        this.out = out;
    }

    /** The first segment of what it reads. */
    String log() {
        return place.filter().pattern().firstSegment();
    }

    /** Takes its place, and tells where that is. */
    void begin() {
        hub.add(this);
        Started.Builder started = Started.newBuilder().setCursor(CursorText.of(place.cursor()));
        out.accept(SubscribeResponse.newBuilder().setStarted(started).build());
    }

    void end() {
        hub.remove(this);
    }

    void woken() {
        behind = true;
        onWoken.run();
    }

    /** Whether there may be something that its client has room for. */
    boolean isBehind() {
        return behind && room() > 0;
    }

    private int room() {
        return window == 0 ? STEP_MESSAGES : window - unacknowledged.size();
    }

    /** Gives what comes next. */
    void step() {
        Page page = place.next(Math.min(STEP_MESSAGES, room()), STEP_BYTES);
        behind = page.more();
        if (page.gap() != null) {
            metrics.gap();
            out.accept(event(page.gap()));
        }
        for (TopicMessage message : page.messages()) {
            if (window > 0) unacknowledged.add(message.offset());
            out.accept(hub.event(message));
        }
        if (!page.messages().isEmpty()) metrics.delivered(page.messages().size());
    }

    private static SubscribeResponse event(dev.peerline.fallback.link.topic.Gap gap) {
        Gap.Builder told =
                Gap.newBuilder()
                        .setAfter(CursorText.of(gap.after()))
                        .setOldest(CursorText.of(gap.oldest()))
                        .setReason(Gap.Reason.valueOf(gap.reason().name()));
        return SubscribeResponse.newBuilder().setGap(told).build();
    }

    /**
     * The client is done with all up to a message.
     *
     * @return false when it was never given that
     */
    boolean acknowledge(@Nullable Cursor id) {
        if (id == null || id.epoch() != place.cursor().epoch() || id.offset() > place.position()) {
            return false;
        }
        while (!unacknowledged.isEmpty() && unacknowledged.peek() <= id.offset()) {
            unacknowledged.remove();
        }
        return true;
    }
}
