package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.LinkMetrics;
import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.session.ServerSession;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.TopicSubscription;
import dev.peerline.fallback.link.wire.TopicUp;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** Puts what one peer sends into the mailboxes of others. Not thread-safe. */
final class Exchange {
    /** An entry's header is longer than that of the frame it came in; both fit a packet. */
    private static final int MAX_BODY_BYTES = 256 * 1024 - 64;

    private final Room room;
    private final LinkMetrics metrics;

    Exchange(Room room, LinkMetrics metrics) {
        this.room = room;
        this.metrics = metrics;
    }

    /** Takes a numbered frame, once. */
    @Nullable Ending take(Sender from, UpFrame.Up up) {
        ServerSession session = from.seat().session();
        return switch (session.take(up.number())) {
            case HOLE -> bad("UP %d after %d.".formatted(up.number(), session.taken()));
            case AGAIN -> {
                metrics.count(Counter.DUPLICATES, 1);
                yield null;
            }
            case NEW -> pass(from, up.body());
        };
    }

    private @Nullable Ending pass(Sender from, UpBody body) {
        return switch (body) {
            case UpBody.Envelope(int group, Bytes frames) -> envelope(from, group, frames);
            case UpBody.Signal(int group, Bytes fields) -> signal(from, group, fields);
            case UpBody.Acks(List<UpBody.Acknowledgement> list) -> acks(from, list);
            case TopicUp topical -> topic(from, topical);
        };
    }

    private @Nullable Ending topic(Sender from, TopicUp topical) {
        Seat seat = from.seat();
        switch (topical) {
            case TopicUp.Subscribe(TopicSubscription subscription) ->
                    seat.subscriptions().subscribe(seat, subscription, from.rights());
            case TopicUp.Unsubscribe(long number) -> seat.subscriptions().unsubscribe(seat, number);
            case TopicUp.Publish what ->
                    room.publish(new Publishing(from.member(), what, from.rights()));
        }
        room.wake(seat);
        return null;
    }

    private @Nullable Ending envelope(Sender from, int group, Bytes frames) {
        List<Member> members = from.group(group);
        if (members == null) return unbound(group);
        if (frames.length() > MAX_BODY_BYTES) return tooLarge();
        metrics.count(Counter.ENVELOPES, 1);
        Member sender = from.member();
        Bytes body = frames.compact();
        for (Member to : members) {
            Seat seat = seat(to);
            if (seat == null) continue;
            Bytes header = EntryBody.envelopeHeader(sender, to.incarnation());
            room.append(seat, new LogEntry(header, body));
        }
        return null;
    }

    private @Nullable Ending signal(Sender from, int group, Bytes fields) {
        List<Member> members = from.group(group);
        if (members == null) return unbound(group);
        if (fields.length() > MAX_BODY_BYTES) return tooLarge();
        metrics.count(Counter.SIGNALS, 1);
        Member sender = from.member();
        Bytes body = fields.compact();
        for (Member to : members) {
            Seat seat = seat(to);
            if (seat == null) continue;
            Bytes header = EntryBody.signalHeader(sender, to.incarnation());
            room.append(seat, new LogEntry(header, body));
        }
        return null;
    }

    private @Nullable Ending acks(Sender from, List<UpBody.Acknowledgement> list) {
        Member sender = from.member();
        for (UpBody.Acknowledgement each : list) {
            Seat seat = seat(each.to());
            if (seat == null) continue;
            Bytes header = EntryBody.envelopeHeader(sender, each.to().incarnation());
            room.append(seat, new LogEntry(header, each.frames().compact()));
        }
        return null;
    }

    /** Passes a datagram on to those who have a carrier now, or will soon: polls. */
    @Nullable Ending take(Sender from, UpFrame.Datagram datagram) {
        List<Member> members = from.group(datagram.group());
        if (members == null) return unbound(datagram.group());
        metrics.count(Counter.DATAGRAMS, 1);
        Member sender = from.member();
        Bytes frames = datagram.frames().compact();
        for (Member to : members) {
            Seat seat = seat(to);
            DownReader reader = seat == null ? null : seat.reader();
            if (seat == null || reader == null) {
                metrics.count(Counter.DATAGRAMS_DROPPED, 1);
                continue;
            }
            int dropped = reader.datagram(new DownFrame.Datagram(sender, to.incarnation(), frames));
            if (dropped > 0) metrics.count(Counter.DATAGRAMS_DROPPED, dropped);
            room.wake(seat);
        }
        return null;
    }

    /** Answers by the way down, whichever way the question came. */
    void pong(Seat seat, Bytes probe) {
        DownReader reader = seat.reader();
        if (reader == null) return;
        reader.control(new DownFrame.Pong(probe.compact()));
        room.wake(seat);
    }

    private @Nullable Seat seat(Member to) {
        Seat seat = room.seat(to.id());
        if (seat == null) metrics.count(Counter.UNDELIVERABLE, 1);
        return seat;
    }

    private static Ending unbound(int group) {
        return bad("Group " + group + " was not bound.");
    }

    private static Ending bad(String message) {
        return Ending.because(ErrorCode.BAD_FRAME, message);
    }

    private static Ending tooLarge() {
        return Ending.because(
                ErrorCode.MESSAGE_TOO_LARGE,
                "An envelope or signal has at most " + MAX_BODY_BYTES + " bytes.");
    }
}
