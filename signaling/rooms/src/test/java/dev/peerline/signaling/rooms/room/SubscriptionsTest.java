package dev.peerline.signaling.rooms.room;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.MemoryMailboxes;
import dev.peerline.fallback.link.topic.MemoryTopics;
import dev.peerline.fallback.link.topic.Publication;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.TopicPlace;
import dev.peerline.fallback.link.wire.TopicSubscription;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.RoomLimits;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The topics of one seat, from carrier to carrier. */
final class SubscriptionsTest {
    private static final TopicRights ALL = new TopicRights(null, null, null);
    private static final long NOW = 1_000;

    private final MemoryTopics topics = new MemoryTopics(9, TopicLimits.DEFAULT);
    private final Room room =
            new Room(
                    RoomLimits.DEFAULT,
                    new MemoryMailboxes(
                                    new LogLimits(1 << 20, 1_000, new Budget(Long.MAX_VALUE)),
                                    () -> 3)
                            .shelf("lobby"),
                    LinkMetrics.NONE,
                    topics);
    private long attempt;
    private long number;

    private static TopicPattern pattern(String text) {
        return Objects.requireNonNull(TopicPattern.parse(text), text);
    }

    private void publish(String topic) {
        topics.publish(
                new Publication(pattern(topic), "text/plain", Bytes.utf8("x"), null), 1, _ -> {});
    }

    private Attachment connect(TopicRights rights) {
        Cursor cursor = attempt == 0 ? null : new Cursor(3, 0);
        Bytes key = Bytes.of(new byte[32]);
        Hello hello = new Hello("lobby", key, 1, null, "ada", cursor, number + 1, ++attempt);
        RoomFixture.Socket socket = new RoomFixture.Socket(CarrierKind.WEBSOCKET);
        Room.Joined joined = (Room.Joined) room.join(hello, "ada", socket, NOW);
        Attachment attachment = joined.attachment();
        if (attachment.awaitsTopics()) attachment.readOn(rights);
        attachment.allow(rights);
        return attachment;
    }

    /** A carrier that has said nothing about topics: nobody has asked what its token allows. */
    private Attachment connectOnly(Hello hello) {
        RoomFixture.Socket socket = new RoomFixture.Socket(CarrierKind.WEBSOCKET);
        return ((Room.Joined) room.join(hello, "ada", socket, NOW)).attachment();
    }

    private Hello hello(@Nullable Cursor cursor, long its) {
        return new Hello("lobby", Bytes.of(new byte[32]), 1, null, "ada", cursor, number + 1, its);
    }

    private void say(Attachment from, UpFrame frame) {
        assertEquals(null, room.receive(from, List.of(frame), 1, NOW));
        room.effects().run();
    }

    private void say(Attachment from, UpBody body) {
        say(from, new UpFrame.Up(++number, body));
    }

    private static TopicUp subscribe(long which, String topic, TopicPlace place) {
        return new TopicUp.Subscribe(new TopicSubscription(which, topic, place));
    }

    private static List<TopicDown> read(Attachment attachment) {
        List<TopicDown> all = new ArrayList<>();
        for (Bytes packet; (packet = attachment.reader().next(NOW)) != null; ) {
            if (!(DownFrame.readAll(packet) instanceof Parsed.Good<List<DownFrame>>(var frames))) {
                throw new AssertionError("malformed");
            }
            for (DownFrame frame : frames) {
                if (frame instanceof TopicDown topical) all.add(topical);
            }
        }
        return all;
    }

    private static List<Long> offsets(List<TopicDown> frames) {
        List<Long> offsets = new ArrayList<>();
        for (TopicDown frame : frames) {
            if (!(frame instanceof TopicDown.Messages messages)) continue;
            messages.items().forEach(item -> offsets.add(item.offset()));
        }
        return offsets;
    }

    @Test
    void whatTheNextCarrierDidNotListYetIsReadOnFromWhereItBegan() {
        Attachment first = connect(ALL);
        say(first, subscribe(1, "news.a", TopicPlace.NOW));
        publish("news.a");
        // Its HELLO was on its way when the subscription was made.
        Attachment second = connect(ALL);
        say(second, new TopicListing(0, List.of()));
        List<TopicDown> frames = read(second);
        assertEquals(new TopicDown.Subscribed(1, new Cursor(9, 0)), frames.getFirst());
        assertEquals(List.of(1L), offsets(frames));
    }

    @Test
    void aRequestSubscribesByItsOwnTokenWhateverThePresentCarrierHasSaidOfTopics() {
        connect(ALL);
        Attachment second = connectOnly(hello(new Cursor(3, 0), ++attempt));
        publish("news.a");
        // It was on its way when the other carrier came.
        UpFrame late = new UpFrame.Up(++number, subscribe(1, "news.a", TopicPlace.OLDEST));
        PostGrant grant = new PostGrant(Long.MAX_VALUE, ALL);
        var _ = room.post(hello(new Cursor(3, 0), 1), List.of(late), grant, NOW);
        room.effects().run();
        List<TopicDown> frames = read(second);
        assertEquals(new TopicDown.Subscribed(1, new Cursor(9, 0)), frames.getFirst());
        assertEquals(List.of(1L), offsets(frames));
    }

    @Test
    void whatIsNotListedIsReadNoMoreAndWhatIsGoesOnFromItsCursor() {
        Attachment first = connect(ALL);
        say(first, subscribe(1, "news.a", TopicPlace.OLDEST));
        say(first, subscribe(2, "news.b", TopicPlace.OLDEST));
        for (int i = 0; i < 2; i++) {
            publish("news.a");
            publish("news.b");
        }
        Attachment second = connect(ALL);
        TopicPlace after = TopicPlace.after(new Cursor(9, 1));
        TopicSubscription listed = new TopicSubscription(1, "news.a", after);
        say(second, new TopicListing(2, List.of(listed)));
        assertEquals(List.of(3L), offsets(read(second)));
        assertTrue(read(first).isEmpty(), "the older carrier reads no more");
    }

    @Test
    void aTokenThatAllowsLessEndsWhatItDoesNotAllow() {
        Attachment attachment = connect(ALL);
        say(attachment, subscribe(1, "news.>", TopicPlace.NOW));
        say(attachment, subscribe(2, "prices.>", TopicPlace.NOW));
        read(attachment);
        attachment.allow(new TopicRights(List.of(pattern("news.a")), List.of(), null));
        publish("news.a");
        publish("news.b");
        publish("prices.a");
        List<TopicDown> frames = read(attachment);
        assertEquals(List.of(1L), offsets(frames));
        TopicDown.Ended ended = (TopicDown.Ended) frames.getFirst();
        assertEquals(2, ended.number());
        assertEquals("FORBIDDEN_SCOPE", ended.fault().code());
    }

    @Test
    void thereAreNoMoreThanASessionMayHave() {
        Attachment attachment = connect(ALL);
        for (int i = 1; i <= Room.MAX_SUBSCRIPTIONS + 1; i++) {
            say(attachment, subscribe(i, "news-" + i, TopicPlace.NOW));
        }
        TopicDown last = read(attachment).getLast();
        assertEquals("TOO_MANY_SUBSCRIPTIONS", ((TopicDown.Ended) last).fault().code());
        say(attachment, subscribe(100, "no topic", TopicPlace.NOW));
        TopicDown.Ended wrong = (TopicDown.Ended) read(attachment).getLast();
        assertEquals("BAD_TOPIC", wrong.fault().code());
    }
}
