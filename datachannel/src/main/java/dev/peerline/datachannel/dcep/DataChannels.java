package dev.peerline.datachannel.dcep;

import dev.peerline.datachannel.dcep.DataChannel.ReadyState;
import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.AssociationEvent;
import dev.peerline.datachannel.sctp.SendResult;
import dev.peerline.datachannel.sctp.State;
import dev.peerline.datachannel.sctp.table.StreamTable;
import dev.peerline.datachannel.sctp.tx.SendQueue;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The data channels of one association: opens, announces, closes them, and sorts what arrives by
 * channel. It takes the association's events; its driver still moves packets and time.
 *
 * <p>Not thread-safe.
 */
public final class DataChannels {
    /** RFC 8832 §6: stream 65535 is not used. */
    private static final int STREAMS = 65535;

    /** More channels than this are refused to the peer, and to the owner. */
    public static final int MAX_CHANNELS = 4096;

    private final Association association;
    private final boolean even;
    private final int maxMessageBytes;
    private final StreamTable<Slot> slots = new StreamTable<>(id -> new Slot());
    private final ArrayDeque<ChannelEvent> events = new ArrayDeque<>();

    /** Channels whose close waits until the association is up, or until it can reset streams. */
    private final List<DataChannel> toReset = new ArrayList<>();

    private int channelCount;
    private int nextId;

    /** A stream, and the channel on it if there is one. */
    private static final class Slot {
        @Nullable DataChannel channel;
    }

    /**
     * Channels over an association.
     *
     * @param dtlsClient RFC 8832 §6: the DTLS client takes even streams, the server odd ones
     * @param maxMessageBytes what the peer takes: its {@code a=max-message-size}
     */
    public DataChannels(Association association, boolean dtlsClient, int maxMessageBytes) {
        this.association = association;
        this.even = dtlsClient;
        this.maxMessageBytes = maxMessageBytes;
        nextId = even ? 0 : 1;
    }

    Association association() {
        return association;
    }

    int maxMessageBytes() {
        return maxMessageBytes;
    }

    /** Opens a channel in-band, before the association is up too; null when all are taken. */
    public @Nullable DataChannel open(ChannelOptions options) {
        byte[] open = OpenMessage.encode(options);
        int id = freeId();
        if (id < 0) return null;
        DataChannel channel = add(id, options, false);
        SendResult result =
                association.send(id, open, SendQueue.Options.reliable(PayloadProtocol.DCEP));
        if (result == SendResult.QUEUED) return channel;
        remove(channel);
        return null;
    }

    /** Opens a channel that both sides know of; null when its stream is taken. */
    public @Nullable DataChannel openNegotiated(int id, ChannelOptions options) {
        if (id < 0 || id >= STREAMS)
            throw new IllegalArgumentException("id must be 0 to 65534: " + id);
        if (channelAt(id) != null || channelCount == MAX_CHANNELS) return null;
        DataChannel channel = add(id, options, true);
        channel.acknowledged();
        if (association.state() == State.ESTABLISHED) opened(channel);
        return channel;
    }

    private int freeId() {
        if (channelCount == MAX_CHANNELS) return -1;
        for (int tried = 0; tried < STREAMS; tried += 2) {
            int id = nextId;
            nextId += 2;
            if (nextId >= STREAMS) nextId = even ? 0 : 1;
            if (id < STREAMS && channelAt(id) == null) return id;
        }
        return -1;
    }

    private DataChannel add(int id, ChannelOptions options, boolean negotiated) {
        DataChannel channel = new DataChannel(this, id, options, negotiated);
        slots.getOrCreate(id).channel = channel;
        channelCount++;
        association.weight(id, options.priority().value());
        association.bufferedAmountLowThreshold(id, 0);
        return channel;
    }

    /** The channel on a stream, or null. */
    public @Nullable DataChannel channelAt(int id) {
        Slot slot = slots.get(id);
        return slot == null ? null : slot.channel;
    }

    private void opened(DataChannel channel) {
        channel.readyState(ReadyState.OPEN);
        tell(new ChannelEvent.Opened(channel));
    }

    void tell(ChannelEvent event) {
        events.add(event);
    }

    /**
     * The next event, or null; takes the association's events as far as needed. Not calling it
     * holds the peer back.
     */
    public @Nullable ChannelEvent nextEvent() {
        while (events.isEmpty()) {
            AssociationEvent event = association.nextEvent();
            if (event == null) return null;
            onEvent(event);
        }
        return events.poll();
    }

    private void onEvent(AssociationEvent event) {
        switch (event) {
            case AssociationEvent.Message message -> onMessage(message);
            case AssociationEvent.Established established -> onEstablished();
            case AssociationEvent.Restarted restarted -> {
                // Nothing is known to the peer any more: channels cannot outlive that.
                closeAll();
                tell(new ChannelEvent.Connected());
            }
            case AssociationEvent.BufferedAmountLow low -> {
                DataChannel channel = channelAt(low.streamId());
                if (channel != null) channel.onLow();
            }
            case AssociationEvent.IncomingStreamsReset reset -> onIncomingReset(reset.streamIds());
            case AssociationEvent.OutgoingStreamsReset reset -> onOutgoingReset(reset.streamIds());
            case AssociationEvent.Closed closed -> {
                closeAll();
                tell(new ChannelEvent.Disconnected(closed));
            }
        }
    }

    private void onEstablished() {
        tell(new ChannelEvent.Connected());
        slots.forEach(
                slot -> {
                    DataChannel channel = slot.channel;
                    boolean waits =
                            channel != null
                                    && channel.negotiated()
                                    && channel.readyState() == ReadyState.CONNECTING;
                    if (channel != null && waits) opened(channel);
                });
        List<DataChannel> waiting = List.copyOf(toReset);
        toReset.clear();
        for (DataChannel channel : waiting) reset(channel);
    }

    private void onMessage(AssociationEvent.Message message) {
        if (message.payloadProtocol() == PayloadProtocol.DCEP) {
            onDcep(message);
            return;
        }
        DataChannel channel = channelAt(message.streamId());
        // RFC 8831 §6.6: what arrives for no channel, or under another PPID, is dropped. What
        // arrives while the channel closes is still delivered: the peer had sent it before.
        if (channel == null || channel.incomingReset) return;
        // RFC 8832 §6: a message on the channel says as much as DATA_CHANNEL_ACK.
        acknowledge(channel);
        byte[] nothing = new byte[0];
        switch (message.payloadProtocol()) {
            case PayloadProtocol.STRING -> received(channel, true, message.data());
            case PayloadProtocol.BINARY -> received(channel, false, message.data());
            case PayloadProtocol.STRING_EMPTY -> received(channel, true, nothing);
            case PayloadProtocol.BINARY_EMPTY -> received(channel, false, nothing);
            default -> {}
        }
    }

    private void received(DataChannel channel, boolean text, byte[] data) {
        tell(new ChannelEvent.Received(channel, text, data));
    }

    private void onDcep(AssociationEvent.Message message) {
        int id = message.streamId();
        DataChannel known = channelAt(id);
        if (message.data()[0] == OpenMessage.ACK) {
            if (known != null) acknowledge(known);
            return;
        }
        ChannelOptions options = OpenMessage.decode(message.data());
        boolean peersParity = (id % 2 == 0) != even;
        // RFC 8832 §6: an OPEN on a stream that is taken, or of the wrong kind, closes the stream.
        if (options == null || known != null || !peersParity || channelCount == MAX_CHANNELS) {
            if (known == null) {
                var _ = association.resetStreams(List.of(id));
            }
            return;
        }
        DataChannel channel = add(id, options, false);
        channel.acknowledged();
        channel.readyState(ReadyState.OPEN);
        var _ =
                association.send(
                        id,
                        new byte[] {OpenMessage.ACK},
                        SendQueue.Options.reliable(PayloadProtocol.DCEP));
        tell(new ChannelEvent.Announced(channel));
    }

    private void acknowledge(DataChannel channel) {
        channel.acknowledged();
        if (channel.readyState() == ReadyState.CONNECTING) opened(channel);
    }

    void close(DataChannel channel) {
        if (channel.readyState() == ReadyState.CLOSING || channel.readyState() == ReadyState.CLOSED)
            return;
        channel.readyState(ReadyState.CLOSING);
        reset(channel);
    }

    /** Our half: the stream is reset once its queue is empty. */
    private void reset(DataChannel channel) {
        if (association.resetStreams(List.of(channel.id()))) return;
        // Not up yet: later. A peer that knows no reset gets no more messages, and that is all.
        if (association.state().isUp()) closed(channel);
        else toReset.add(channel);
    }

    /** The peer's half (RFC 8831 §6.7): ours follows. */
    private void onIncomingReset(List<Integer> streamIds) {
        forEachChannel(
                streamIds,
                channel -> {
                    channel.incomingReset = true;
                    if (channel.readyState() != ReadyState.CLOSING) close(channel);
                    if (channel.outgoingReset) closed(channel);
                });
    }

    private void onOutgoingReset(List<Integer> streamIds) {
        forEachChannel(
                streamIds,
                channel -> {
                    channel.outgoingReset = true;
                    if (channel.incomingReset) closed(channel);
                });
    }

    private void forEachChannel(List<Integer> streamIds, Consumer<DataChannel> action) {
        if (streamIds.isEmpty()) {
            List<DataChannel> all = new ArrayList<>();
            slots.forEach(
                    slot -> {
                        if (slot.channel != null) all.add(slot.channel);
                    });
            all.forEach(action);
            return;
        }
        for (int id : streamIds) {
            DataChannel channel = channelAt(id);
            if (channel != null) action.accept(channel);
        }
    }

    private void closed(DataChannel channel) {
        if (channel.readyState() == ReadyState.CLOSED) return;
        remove(channel);
        tell(new ChannelEvent.ChannelClosed(channel));
    }

    private void remove(DataChannel channel) {
        channel.readyState(ReadyState.CLOSED);
        slots.getOrCreate(channel.id()).channel = null;
        channelCount--;
    }

    private void closeAll() {
        toReset.clear();
        forEachChannel(List.of(), this::closed);
    }
}
