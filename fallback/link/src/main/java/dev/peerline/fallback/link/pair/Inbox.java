package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.Resume;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What one other peer sends: its channels put into order, each message handed over once. What
 * arrives ahead of a hole waits; what arrives twice is dropped. Not thread-safe.
 */
final class Inbox {
    /** What may wait behind holes, and for the sender's next word, a peer. */
    static final int MAX_HELD_BYTES = 2 << 20;

    /** Channels a peer; a sender opens one for each name. */
    static final int MAX_CHANNELS = 1024;

    /** A frame's own weight, so that many small ones are bounded as well. */
    private static final int FRAME_BYTES = 64;

    /** Channels below it have no name, and are known without having been declared. */
    private static final long FIRST_NAMED_CHANNEL = 2;

    private static final String GIVEN_UP = "the sender gave it up";
    private static final String UNKNOWN_CHANNEL = "its channel is not known";

    private final Id sender;
    private final Consumer<PairEvent> events;
    private final Map<Long, InChannel> channels = new LinkedHashMap<>();

    /** Packets for an older incarnation of ours. */
    private final List<Bytes> older = new ArrayList<>();

    /** Channels with something to acknowledge. */
    private final Set<Long> touched = new LinkedHashSet<>();

    private int heldBytes;
    private int takenBytes;
    private boolean dropped;

    /** The sender has spoken to our present incarnation: all that counts comes to it. */
    private boolean spokenTo;

    private boolean refused;

    Inbox(Id sender, Consumer<PairEvent> events) {
        this.sender = sender;
        this.events = events;
    }

    /** Bytes that wait, with what a frame weighs besides. */
    int heldBytes() {
        return heldBytes;
    }

    /** What the inbox wants acknowledged since it was asked last. */
    record Owed(List<Long> channels, int bytes, boolean refused) {}

    /**
     * Tells what is to be acknowledged, once. {@code refused}: something was dropped for want of
     * room or of its channel's declaration, and has to be asked for.
     */
    Owed takeOwed() {
        Owed owed = new Owed(List.copyOf(touched), takenBytes, refused);
        touched.clear();
        takenBytes = 0;
        refused = false;
        return owed;
    }

    /** The next number expected on a channel. */
    long next(long channel) {
        InChannel known = channels.get(channel);
        return known == null ? 1 : known.next();
    }

    /** The same for all channels, as {@code RESUME} lists them. */
    List<Resume.Expected> progress() {
        List<Resume.Expected> progress = new ArrayList<>(channels.size());
        channels.forEach((number, channel) -> progress.add(expected(number, channel)));
        return progress;
    }

    private static Resume.Expected expected(long number, InChannel channel) {
        return new Resume.Expected(number, channel.next());
    }

    /** The sender's channels, as its {@code RESUME} lists them. */
    void declare(List<Resume.Channel> list) {
        for (Resume.Channel each : list) declare(each);
    }

    private void declare(Resume.Channel declared) {
        long base = declared.base();
        InChannel known = channels.get(declared.number());
        if (known == null) {
            open(declared, false);
            return;
        }
        PairEvent passedOver = known.declared(base);
        if (passedOver != null) events.accept(passedOver);
        if (base > known.next()) {
            skip(declared.number(), known, new InChannel.Skipped(base, GIVEN_UP));
        }
    }

    private void open(Resume.Channel channel, boolean presumed) {
        if (channels.size() >= MAX_CHANNELS) return;
        Scope scope = Scope.of(channel.scope());
        channels.put(
                channel.number(),
                new InChannel(sender, scope, channel.name(), channel.base(), presumed));
    }

    /** The sender spoke to our present incarnation: what was for an older one comes again. */
    void resumed() {
        for (Bytes packet : older) heldBytes -= packet.length() + FRAME_BYTES;
        older.clear();
        spokenTo = true;
    }

    /** Keeps what was addressed to an older incarnation of ours, as long as that may count. */
    void hold(Bytes frames) {
        if (!spokenTo && reserve(frames.length())) older.add(frames.compact());
    }

    /** Takes room for a waiting frame, if there is any. */
    private boolean reserve(int bytes) {
        if (heldBytes + bytes + FRAME_BYTES > MAX_HELD_BYTES) return false;
        heldBytes += bytes + FRAME_BYTES;
        return true;
    }

    void message(PairFrame.Message message, PairPath path) {
        InChannel channel = channels.get(message.channel());
        if (channel == null) {
            refused = true;
            return;
        }
        touched.add(message.channel());
        long sequence = message.sequence();
        if (sequence < channel.next() || channel.holds(sequence)) return;
        if (sequence > channel.next()) {
            Bytes payload = message.payload();
            if (reserve(payload.length())) {
                channel.hold(sequence, new InChannel.Fragment(message.flags(), payload.compact()));
            } else {
                dropped = true;
            }
            return;
        }
        take(channel, new InChannel.Fragment(message.flags(), message.payload()), path);
        fill(message.channel(), channel, path, null);
    }

    void skip(PairFrame.Skip frame) {
        InChannel channel = channels.get(frame.channel());
        if (channel == null || frame.to() <= channel.next() || frame.from() >= frame.to()) return;
        touched.add(frame.channel());
        InChannel.Skipped skipped = new InChannel.Skipped(frame.to(), frame.reason());
        if (frame.from() <= channel.next()) skip(frame.channel(), channel, skipped);
        else if (!channel.holds(frame.from()) && reserve(0)) channel.hold(frame.from(), skipped);
    }

    /** An unreliable message. */
    void loose(PairFrame.Loose loose, PairPath path) {
        events.accept(
                new PairEvent.Message(
                        sender,
                        Scope.of(loose.scope()),
                        loose.channel(),
                        loose.flags() & PairFrame.TYPE_MASK,
                        loose.payload(),
                        path,
                        true));
    }

    private void skip(long number, InChannel channel, InChannel.Skipped skipped) {
        fill(number, channel, PairPath.SESSION, skipped);
    }

    /**
     * Hands over what waited for the next number, and what waits inside of a skipped range, with
     * the gaps between. Skips may wait inside of skips: they are stacked here, not called.
     */
    private void fill(
            long number, InChannel channel, PairPath path, InChannel.@Nullable Skipped first) {
        Deque<InChannel.Skipped> skips = new ArrayDeque<>(1);
        if (first != null) skips.push(first);
        while (true) {
            InChannel.Held held = channel.release();
            if (held != null) heldBytes -= held.bytes() + FRAME_BYTES;
            switch (held) {
                case InChannel.Fragment fragment ->
                        take(channel, fragment, skips.isEmpty() ? path : PairPath.SESSION);
                case InChannel.Skipped skipped -> skips.push(skipped);
                case null -> {
                    InChannel.Skipped open = open(skips, channel.next());
                    if (open == null) {
                        askForDropped(channel);
                        return;
                    }
                    touched.add(number);
                    long to = Math.min(open.to(), channel.lowestHeld());
                    events.accept(channel.skip(to, open.reason()));
                }
            }
        }
    }

    /** The innermost skip that is not done yet. */
    private static InChannel.@Nullable Skipped open(Deque<InChannel.Skipped> skips, long next) {
        while (!skips.isEmpty() && skips.element().to() <= next) skips.pop();
        return skips.peek();
    }

    private void askForDropped(InChannel channel) {
        if (!dropped || !channel.holdsNothing()) return;
        dropped = false;
        refused = true;
    }

    private void take(InChannel channel, InChannel.Fragment fragment, PairPath path) {
        takenBytes += fragment.bytes();
        PairEvent event = channel.take(fragment, path);
        if (event != null) events.accept(event);
    }

    /**
     * The sender is gone: what waits is handed over after its gaps, then what it had sent to an
     * older incarnation of ours.
     */
    void finish(String reason) {
        List<Bytes> packets = List.copyOf(older);
        resumed();
        for (Bytes packet : packets) PairFrame.readEach(packet, this::takeOlder);
        channels.forEach(
                (number, channel) -> {
                    while (!channel.holdsNothing()) {
                        skip(number, channel, new InChannel.Skipped(channel.lowestHeld(), reason));
                    }
                    channel.dropBeginning();
                });
        touched.clear();
    }

    private void takeOlder(PairFrame frame) {
        switch (frame) {
            case PairFrame.Message message -> takeOlder(message);
            case PairFrame.Skip skip -> skip(skip);
            case Resume resume -> declare(resume.channels());
            default -> {}
        }
    }

    /**
     * The channel may have been declared to our older incarnation alone; those without a name are
     * known by their number.
     */
    private void takeOlder(PairFrame.Message message) {
        long number = message.channel();
        Scope scope = number == 0 ? Scope.ROOM : Scope.PEER;
        if (!channels.containsKey(number) && number < FIRST_NAMED_CHANNEL) {
            open(new Resume.Channel(number, scope.number(), "", message.sequence()), true);
        }
        if (channels.containsKey(number)) message(message, PairPath.SESSION);
        else events.accept(new PairEvent.Gap(sender, scope, "", 1, UNKNOWN_CHANNEL));
    }
}
