package dev.peerline.fallback.link.session;

import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.topic.TopicFilter;
import dev.peerline.fallback.link.topic.TopicLog;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * One carrier's reading: what it writes next. The mailbox is read only as fast as the carrier
 * writes, so a slow one costs no more than the log's own bound. Every carrier has one; they differ
 * in when they ask for a packet. Thread-safe: one lock, under which only the log's is taken.
 */
public final class DownReader {
    /**
     * Acknowledgements of the way up wait this long for company. docs/protocol.md, section 2,
     * allows 50 ms; the rest is for a driver's timer.
     */
    public static final int ACK_DELAY_MILLIS = 40;

    /** They wait no longer than for so many bytes. */
    static final int ACK_BYTES = 64 * 1024;

    /**
     * A packet takes no further entry from here on: large enough for throughput, small in memory.
     */
    static final int PACKET_BYTES = 64 * 1024;

    /** Datagrams that wait; the oldest are dropped beyond it. */
    static final int DATAGRAM_BYTES = 64 * 1024;

    /** Frames that wait, pongs mostly; beyond it more are not answered. */
    static final int CONTROL_FRAMES = 64;

    private final Log log;
    private final TopicReads topics = new TopicReads();
    private final ArrayDeque<DownFrame> control = new ArrayDeque<>(2);
    private final ArrayDeque<DownFrame.Datagram> datagrams = new ArrayDeque<>(0);
    private long position;
    private int datagramBytes;
    private long taken;
    private long acknowledged;
    private long ackDueMillis = Long.MAX_VALUE;
    private long bytesTaken;
    private boolean gapTold;
    private boolean ended;

    /** Mailbox and topics take turns in who fills a packet first. */
    private boolean topicsFirst;

    /**
     * @param after reading begins after this offset
     * @param taken the way-up number that the client knows to be taken
     */
    public DownReader(Log log, long after, long taken) {
        this.log = log;
        this.position = after;
        this.taken = taken;
        this.acknowledged = taken;
    }

    /** Queues a frame before all entries. */
    public synchronized void control(DownFrame frame) {
        if (control.size() < CONTROL_FRAMES) control.add(frame);
    }

    /** Queues a frame before all else. */
    public synchronized void first(DownFrame frame) {
        control.addFirst(frame);
    }

    /**
     * Takes over what waits for an older reader of the same session and stands in no log: pongs and
     * datagrams. The older one has them no more, so nothing is doubled.
     */
    public void takeOver(DownReader older) {
        List<DownFrame> waiting = older.surrender();
        synchronized (this) {
            for (DownFrame frame : waiting) {
                if (frame instanceof DownFrame.Datagram datagram) datagram(datagram);
                else control(frame);
            }
        }
    }

    private synchronized List<DownFrame> surrender() {
        List<DownFrame> waiting = new ArrayList<>(datagrams);
        datagrams.clear();
        datagramBytes = 0;
        for (DownFrame frame : control) {
            if (frame instanceof DownFrame.Pong) waiting.add(frame);
        }
        control.removeIf(DownFrame.Pong.class::isInstance);
        return waiting;
    }

    /** Queues what was taken, and a frame as the last; no entry follows it. */
    public synchronized void end(@Nullable DownFrame last) {
        if (ended) return;
        ended = true;
        if (taken > acknowledged) control.add(new DownFrame.UpAck(taken));
        acknowledged = taken;
        if (last != null) control.add(last);
        topics.clear();
    }

    /**
     * Queues a datagram.
     *
     * @return how many were dropped for want of room
     */
    public synchronized int datagram(DownFrame.Datagram datagram) {
        datagrams.add(datagram);
        datagramBytes += datagram.frames().length();
        int dropped = 0;
        for (; datagramBytes > DATAGRAM_BYTES; dropped++) {
            datagramBytes -= datagrams.remove().frames().length();
        }
        return dropped;
    }

    /** Notes that the way up was taken up to a number, with a packet of so many bytes. */
    public synchronized void taken(long number, int bytes, long nowMillis) {
        if (ended) return;
        if (number <= taken) {
            // It came again, so an acknowledgement was lost: say it once more.
            acknowledged = Math.min(acknowledged, taken - 1);
        }
        taken = Math.max(taken, number);
        bytesTaken += bytes;
        if (ackDueMillis == Long.MAX_VALUE) ackDueMillis = nowMillis + ACK_DELAY_MILLIS;
        if (bytesTaken >= ACK_BYTES) ackDueMillis = nowMillis;
    }

    /** When {@link #next} has something to say though nothing was appended; MAX_VALUE for never. */
    public synchronized long deadlineMillis() {
        return ackDueMillis;
    }

    /** The offset that was read last. */
    public synchronized long position() {
        return position;
    }

    /** What was read last: the cursor of a carrier that names it, as SSE does. */
    public Cursor cursor() {
        return new Cursor(log.epoch(), position());
    }

    /**
     * The next packet; null when there is nothing to say now. The caller asks again once it has
     * written this one.
     */
    public synchronized @Nullable Bytes next(long nowMillis) {
        Packet packet = new Packet();
        while (!control.isEmpty()) packet.writer.frame(control.remove());
        while (!ended && !datagrams.isEmpty() && packet.writer.size() < PACKET_BYTES) {
            DownFrame.Datagram datagram = datagrams.remove();
            datagramBytes -= datagram.frames().length();
            packet.writer.frame(datagram);
        }
        if (!ended) {
            topicsFirst = !topicsFirst;
            if (topicsFirst) topics.write(packet.writer, PACKET_BYTES);
            readMailbox(packet);
            if (!topicsFirst) topics.write(packet.writer, PACKET_BYTES);
        }
        if (ackDueMillis <= nowMillis || packet.writer.size() > 0) acknowledge(packet.writer);
        return packet.writer.size() == 0 ? null : packet.writer.take();
    }

    private void readMailbox(Packet packet) {
        do {
            tellGap(packet.writer);
            packet.jumped = false;
            log.read(position, packet);
        } while (packet.jumped);
    }

    // Topics

    /**
     * Reads a topic from now on; what was read under that number before is read no more.
     *
     * @param given what its client has read; null where it is to learn from where reading begins
     * @param wake runs when there is something new, on the thread that made it so
     */
    public synchronized void subscribe(
            long number,
            TopicLog source,
            TopicReader place,
            @Nullable Cursor given,
            Runnable wake) {
        if (ended) return;
        Cursor told = given == null ? place.cursor() : given;
        topics.add(number, place, told, source.await(wake));
        if (given == null) topics.note(new TopicDown.Subscribed(number, place.cursor()));
    }

    public synchronized void unsubscribe(long number) {
        topics.remove(number);
    }

    /** Says that a topic is read no more, or was never. */
    public synchronized void refuse(TopicDown.Ended refusal) {
        topics.remove(refusal.number());
        topics.note(refusal);
    }

    public synchronized boolean reads(long number) {
        return topics.has(number);
    }

    /** What is read beside the mailbox, by the numbers of the subscriptions. */
    public synchronized Map<Long, TopicFilter> topics() {
        return topics.filters();
    }

    /** All topics are read through other filters from now on; null ends one. */
    public synchronized void refilter(Function<Long, @Nullable TopicFilter> filters) {
        topics.refilter(filters);
    }

    /** No topic is read any more: nobody writes for this reader now. */
    public synchronized void leaveTopics() {
        topics.clear();
    }

    /** Messages of topics that were written since this was asked last. */
    public synchronized long takeDelivered() {
        return topics.takeDelivered();
    }

    /** Gaps of topics that were told since this was asked last. */
    public synchronized long takeTopicGaps() {
        return topics.takeGaps();
    }

    /** Whether a gap was told since the last time this was asked: then a roster is due. */
    public synchronized boolean takeGap() {
        boolean told = gapTold;
        gapTold = false;
        return told;
    }

    private void tellGap(WireWriter writer) {
        long forgotten = log.forgotten();
        if (position >= forgotten) return;
        // What its client has acknowledged by another carrier is no loss.
        boolean lost = forgotten > log.acknowledged();
        position = forgotten;
        if (!lost) return;
        writer.frame(new DownFrame.Gap(0, forgotten, "more waited than a mailbox keeps"));
        gapTold = true;
    }

    private void acknowledge(WireWriter writer) {
        if (taken > acknowledged) writer.frame(new DownFrame.UpAck(taken));
        acknowledged = taken;
        ackDueMillis = Long.MAX_VALUE;
        bytesTaken = 0;
    }

    private final class Packet implements Log.Visitor {
        private final WireWriter writer = new WireWriter(0);
        private boolean jumped;

        @Override
        public boolean visit(long offset, LogEntry entry) {
            // Forgotten since the gap was looked for: it has to be told first.
            jumped = offset != position + 1;
            if (jumped) return false;
            if (writer.size() > 0 && writer.size() + entry.length() > PACKET_BYTES) return false;
            writer.entry(0, offset, entry.header(), entry.body());
            position = offset;
            return true;
        }
    }
}
