package dev.peerline.datachannel;

import dev.peerline.datachannel.dcep.ChannelEvent;
import dev.peerline.datachannel.dcep.ChannelOptions;
import dev.peerline.datachannel.dcep.DataChannels;
import dev.peerline.datachannel.ice.IceLoop;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The channels of a connection. All but {@link #create} and {@link ChannelHost} is the loop's. */
final class ChannelSet implements ChannelHost {
    private final PeerConnectionOptions options;
    private final IceLoop loop;
    private final Dispatcher dispatcher;
    private final Runnable touch;
    private final List<DataChannel> unbound = new ArrayList<>();
    private final Map<dev.peerline.datachannel.dcep.DataChannel, DataChannel> bound =
            new LinkedHashMap<>();
    private final List<ChannelStream> sending = new ArrayList<>();
    private @Nullable DataChannels streams;
    private volatile int maxMessageBytes = Integer.MAX_VALUE;
    private volatile boolean heldBack;
    private long opened;
    private long closed;

    ChannelSet(PeerConnectionOptions options, IceLoop loop, Dispatcher dispatcher, Runnable touch) {
        this.options = options;
        this.loop = loop;
        this.dispatcher = dispatcher;
        this.touch = touch;
    }

    // --- for the channels -----------------------------------------------------------------------

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public PeerConnectionOptions options() {
        return options;
    }

    @Override
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    @Override
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    @Override
    public void messageTaken() {
        if (!heldBack || dispatcher.backlogBytes() > options.maxBacklogBytes() / 2) return;
        heldBack = false;
        loop.execute(touch);
    }

    @Override
    public void wantsToSend(ChannelStream stream) {
        if (!stream.listed) {
            stream.listed = true;
            sending.add(stream);
        }
        touch.run();
    }

    @Override
    public void abandoned(DataChannel channel) {
        if (unbound.remove(channel)) channel.stream().closed();
    }

    // --- for the connection ---------------------------------------------------------------------

    /** On any thread. */
    DataChannel create(String label, DataChannelOptions with) {
        requireShort("label", label);
        requireShort("protocol", with.protocol());
        return new DataChannel(this, label, with);
    }

    private static void requireShort(String name, String text) {
        int bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (bytes > 65535)
            throw new IllegalArgumentException(
                    name + " must have at most 65535 bytes in UTF-8: " + bytes);
    }

    void maxMessageBytes(int bytes) {
        maxMessageBytes = bytes;
    }

    /** Opens a channel of ours, now or later; true when an offer is needed for it. */
    boolean add(DataChannel channel) {
        if (streams != null) {
            bind(channel, streams);
            touch.run();
            return false;
        }
        unbound.add(channel);
        return unbound.size() == 1;
    }

    void bindAll(DataChannels ready) {
        streams = ready;
        for (DataChannel channel : unbound) bind(channel, ready);
        unbound.clear();
    }

    private void bind(DataChannel channel, DataChannels to) {
        ChannelOptions how = channel.options().channelOptions(channel.label());
        dev.peerline.datachannel.dcep.DataChannel stream =
                channel.negotiated() ? to.openNegotiated(channel.id(), how) : to.open(how);
        if (stream == null) {
            // All streams are taken, or this one is.
            channel.stream().closed();
            return;
        }
        bound.put(stream, channel);
        channel.bound(stream.id());
        channel.stream().bind(stream);
    }

    /** A channel that the peer has opened. */
    DataChannel announced(dev.peerline.datachannel.dcep.DataChannel stream) {
        ChannelOptions how = stream.options();
        DataChannelOptions with =
                new DataChannelOptions(
                        how.ordered(),
                        Math.min(how.maxPacketLifeTimeMillis(), 65535),
                        Math.min(how.maxRetransmits(), 65535),
                        how.protocol(),
                        false,
                        DataChannelOptions.CHOSEN,
                        how.priority());
        DataChannel channel = new DataChannel(this, how.label(), with);
        bound.put(stream, channel);
        channel.stream().bind(stream);
        // It is open when its owner first sees it; only the event comes later.
        channel.open(stream.id());
        opened++;
        return channel;
    }

    void onEvent(ChannelEvent event) {
        switch (event) {
            case ChannelEvent.Opened open -> {
                DataChannel channel = bound.get(open.channel());
                if (channel == null) return;
                opened++;
                channel.open(open.channel().id());
                channel.tellOpen();
            }
            case ChannelEvent.Received received -> {
                DataChannel channel = bound.get(received.channel());
                if (channel != null)
                    channel.received(new Message(received.text(), received.data()));
            }
            case ChannelEvent.ChannelClosed gone -> {
                DataChannel channel = bound.remove(gone.channel());
                if (channel == null) return;
                closed++;
                sending.remove(channel.stream());
                channel.stream().closed();
            }
            default -> {
                // Connected, Writable, BufferedAmountLow: each turn looks for itself.
            }
        }
    }

    boolean takesMessages() {
        if (dispatcher.backlogBytes() < options.maxBacklogBytes()) return true;
        heldBack = true;
        // A listener may have taken the last of them in between.
        return dispatcher.backlogBytes() < options.maxBacklogBytes();
    }

    /** Hands queued messages to their streams; true when there were some. */
    boolean push(long nowNanos) {
        boolean some = false;
        for (ChannelStream stream : sending) some |= stream.push(nowNanos);
        return some;
    }

    void settle() {
        for (int i = sending.size() - 1; i >= 0; i--) {
            ChannelStream stream = sending.get(i);
            if (stream.settle()) continue;
            stream.listed = false;
            sending.remove(i);
        }
    }

    /** The connection is over. */
    void closeAll() {
        List<DataChannel> all = new ArrayList<>(unbound);
        all.addAll(bound.values());
        closed += bound.size();
        unbound.clear();
        bound.clear();
        sending.clear();
        streams = null;
        for (DataChannel channel : all) channel.stream().closed();
    }

    long opened() {
        return opened;
    }

    long closed() {
        return closed;
    }
}
