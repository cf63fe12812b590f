package dev.peerline.fallback.link.pair;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;

/**
 * What one peer sends: channels of numbered fragments, and for each message those who have not
 * acknowledged it. Not thread-safe.
 */
final class Outbox {
    private static final long ROOM_CHANNEL = 0;
    private static final long PAIR_CHANNEL = 1;
    private static final long FIRST_NAMED_CHANNEL = 2;

    private final Consumer<PairEvent> events;

    /** By whom it is for and its name; a peer's own channels go with it. */
    private final Map<Key, OutChannel> channels = new LinkedHashMap<>();

    /** Unsettled, by handle, oldest first. */
    private final Map<Long, Sending> sendings = new LinkedHashMap<>();

    /**
     * Channels to peers that are not here, oldest first: should one return, on whatever page, the
     * numbers go on. So a number means one fragment, whoever may still hold it.
     */
    private final SequencedMap<Id, List<OutChannel>> departed = new LinkedHashMap<>();

    private final int mostDeparted;

    /** Where channels to a peer begin that is not remembered: above all that was forgotten. */
    private long firstSequence = 1;

    private long nextNumber = FIRST_NAMED_CHANNEL;
    private long handles;
    private long bytes;

    /**
     * @param mostDeparted peers whose channels are kept when they left
     * @param events takes a {@link PairEvent.Settled} when nobody remains
     */
    Outbox(int mostDeparted, Consumer<PairEvent> events) {
        this.mostDeparted = mostDeparted;
        this.events = events;
        open(Destination.ROOM, "");
    }

    private record Key(Destination to, String name) {}

    /** Bytes that are not acknowledged, with what a message weighs besides. */
    long bytes() {
        return bytes;
    }

    Collection<OutChannel> channels() {
        return channels.values();
    }

    /** Unsettled messages, oldest first; a copy. */
    List<Sending> sendings() {
        return List.copyOf(sendings.values());
    }

    @Nullable Sending sending(long handle) {
        return sendings.get(handle);
    }

    @Nullable OutChannel find(Destination to, String name) {
        return channels.get(new Key(to, name));
    }

    OutChannel open(Destination to, String name) {
        long unnamed = to.scope() == Scope.ROOM ? ROOM_CHANNEL : PAIR_CHANNEL;
        OutChannel channel =
                new OutChannel(name.isEmpty() ? unnamed : nextNumber++, to, name, firstSequence);
        channels.put(new Key(to, name), channel);
        return channel;
    }

    /** The channels to a peer that comes, the one without a name at least. */
    List<OutChannel> meet(Id id) {
        List<OutChannel> known = departed.remove(id);
        if (known == null) return List.of(open(Destination.peer(id), ""));
        for (OutChannel channel : known) {
            channels.put(new Key(channel.to(), channel.name()), channel);
        }
        return known;
    }

    Sending send(
            OutChannel channel,
            int dataType,
            Bytes payload,
            int fragmentBytes,
            Collection<Id> audience) {
        Sending sending =
                new Sending(++handles, channel, dataType, payload, fragmentBytes, audience);
        channel.add(sending);
        sendings.put(sending.handle(), sending);
        bytes += sending.bytes();
        if (audience.isEmpty()) settle(sending);
        return sending;
    }

    /** The channel has to be {@linkplain OutChannel#release released} afterwards. */
    void deliver(Sending sending, Id id, PairPath path) {
        sending.delivered(id, path);
        if (sending.settled()) settle(sending);
    }

    void miss(Sending sending, Id id) {
        if (!sending.missed(id)) return;
        if (sending.settled()) settle(sending);
        sending.channel().release();
    }

    /** The peer is gone. */
    void forget(Id id) {
        for (Sending sending : sendings()) miss(sending, id);
        List<OutChannel> its =
                channels.values().stream()
                        .filter(channel -> id.equals(channel.to().peer()))
                        .toList();
        channels.values().removeAll(its);
        departed.put(id, its);
        if (departed.size() <= mostDeparted) return;
        for (OutChannel channel : departed.pollFirstEntry().getValue()) {
            firstSequence = Math.max(firstSequence, channel.next());
        }
    }

    private void settle(Sending sending) {
        sendings.remove(sending.handle());
        bytes -= sending.bytes();
        events.accept(sending.receipt());
    }
}
