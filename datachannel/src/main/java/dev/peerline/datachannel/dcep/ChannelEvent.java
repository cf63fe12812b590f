package dev.peerline.datachannel.dcep;

import dev.peerline.datachannel.sctp.AssociationEvent;

/** What the channels of an association tell their owner. */
public sealed interface ChannelEvent {
    /** The association is up: channels can carry messages. */
    record Connected() implements ChannelEvent {}

    /** The peer has opened a channel in-band. */
    record Announced(DataChannel channel) implements ChannelEvent {}

    /** A channel of ours is open: the peer has acknowledged it, or it was negotiated. */
    record Opened(DataChannel channel) implements ChannelEvent {}

    /** A message. Text is UTF-8, not checked here. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Received(DataChannel channel, boolean text, byte[] data) implements ChannelEvent {}

    /** What a channel has queued fell to its low threshold. */
    record BufferedAmountLow(DataChannel channel) implements ChannelEvent {}

    /** A send that was refused for want of budget would be taken now. */
    record Writable(DataChannel channel) implements ChannelEvent {}

    /** A channel is closed, both ways. */
    record ChannelClosed(DataChannel channel) implements ChannelEvent {}

    /** The association is over, and all channels with it. */
    record Disconnected(AssociationEvent.Closed why) implements ChannelEvent {}
}
