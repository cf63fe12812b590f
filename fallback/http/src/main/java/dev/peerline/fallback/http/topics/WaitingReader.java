package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** A reader whose request is answered once, at the latest when its time is over. */
abstract class WaitingReader extends Reader {
    private final PollClient client;
    private final long waitMillis;

    WaitingReader(Hub hub, Subscription asked, PollClient client, TopicReader place) {
        super(hub, place, asked.untilMillis(hub.nowMillis()), asked.granted().limitsKey());
        this.client = client;
        waitMillis = asked.waitMillis();
    }

    /** Waits, once the handler has returned. */
    final void open() {
        client.await(this::abort, this::closed);
        begin();
    }

    final PollClient client() {
        return client;
    }

    /** Up to where its client has everything. */
    abstract Cursor at();

    @Override
    final CarrierKind kind() {
        return CarrierKind.LONG_POLL;
    }

    /** There is nothing more; what is wrong the next poll is told. */
    @Override
    final void end(@Nullable TopicRefusal why) {
        client.answer(new Delivery(null, List.of(), false, at()));
    }

    /** Its time is over. */
    final void conclude() {
        over();
        end(null);
    }

    @Override
    final void cut() {
        client.cut();
    }

    @Override
    final void check(long nowMillis) {
        if (isOver()) return;
        if (nowMillis - openedMillis() >= waitMillis) conclude();
        else if (client.isGone()) abort();
    }
}
