package dev.peerline.fallback.link.client;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What goes up: what has no number, then what has. Not thread-safe. */
final class WayUp {
    /** Frames are added to a packet until it has this size; the last may be one of 16 KiB. */
    private static final int PACKET_BYTES = 64 * 1024;

    /** Datagrams that wait for a carrier; unreliable, so the oldest go first. */
    private static final int MAX_DATAGRAMS = 64;

    private final UpQueue queue = new UpQueue();
    private final Deque<Waiting> datagrams = new ArrayDeque<>();
    private final Groups groups = new Groups();
    private WireWriter control = new WireWriter();

    private record Waiting(List<Member> members, Bytes frames) {}

    UpQueue queue() {
        return queue;
    }

    void control(UpFrame frame) {
        control.frame(frame);
    }

    void datagram(List<Member> members, Bytes frames) {
        datagrams.add(new Waiting(List.copyOf(members), frames));
        if (datagrams.size() > MAX_DATAGRAMS) datagrams.remove();
    }

    /** Another carrier: nothing is under way on it. */
    void restart() {
        queue.rewind();
        groups.clear();
        control = new WireWriter();
    }

    /** What a group's number means ends with a POST. */
    void unbind() {
        groups.clear();
    }

    void write(WireWriter out, Liveness liveness, long nowNanos) {
        if (control.size() > 0) {
            out.raw(control.take());
            control = new WireWriter();
            if (liveness.sent(nowNanos) && !queue.awaited()) liveness.progressed(nowNanos);
        }
        while (out.size() < PACKET_BYTES && !datagrams.isEmpty()) {
            Waiting datagram = datagrams.remove();
            int group = groups.bind(out, datagram.members());
            out.frame(new UpFrame.Datagram(group, datagram.frames()));
        }
        while (out.size() < PACKET_BYTES) {
            boolean owed = queue.awaited() || liveness.asks();
            UpQueue.Item item = queue.send();
            if (item == null) return;
            if (!owed) liveness.progressed(nowNanos);
            int group = item.members().isEmpty() ? 0 : groups.bind(out, item.members());
            out.frame(new UpFrame.Up(item.number(), item.body().apply(group)));
        }
    }
}
