package dev.peerline.datachannel;

import dev.peerline.datachannel.dcep.ChannelOptions;
import dev.peerline.datachannel.dcep.ChannelOptions.Priority;

/**
 * How a channel is to be (the W3C's RTCDataChannelInit).
 *
 * @param ordered false: a message that is lost holds up no other
 * @param maxPacketLifeTime milliseconds for which a message is tried, or {@link #UNLIMITED}
 * @param maxRetransmits how often a message is sent again, or {@link #UNLIMITED}; not beside {@code
 *     maxPacketLifeTime}
 * @param protocol a name of the application's, at most 65535 bytes in UTF-8
 * @param negotiated both sides create the channel, with the same {@code id}
 * @param id 0 to 65534 when it is negotiated; else {@link #CHOSEN}
 * @param priority the share of this channel beside the others
 */
public record DataChannelOptions(
        boolean ordered,
        int maxPacketLifeTime,
        int maxRetransmits,
        String protocol,
        boolean negotiated,
        int id,
        Priority priority) {
    public static final int UNLIMITED = ChannelOptions.UNLIMITED;

    /** The connection chooses the id. */
    public static final int CHOSEN = -1;

    private static final int MAX_LIMIT = 65535;

    public DataChannelOptions {
        limit("maxPacketLifeTime", maxPacketLifeTime);
        limit("maxRetransmits", maxRetransmits);
        if (maxPacketLifeTime != UNLIMITED && maxRetransmits != UNLIMITED)
            throw new IllegalArgumentException(
                    "only one of maxPacketLifeTime and maxRetransmits may be set");
        if (negotiated ? id < 0 || id > 65534 : id != CHOSEN)
            throw new IllegalArgumentException(
                    "id must be 0 to 65534 if negotiated, and not set otherwise: " + id);
    }

    private static void limit(String name, int value) {
        if (value < UNLIMITED || value > MAX_LIMIT)
            throw new IllegalArgumentException(name + " must be 0 to 65535: " + value);
    }

    /** Reliable and in order. */
    public static DataChannelOptions defaults() {
        return new DataChannelOptions(true, UNLIMITED, UNLIMITED, "", false, CHOSEN, Priority.LOW);
    }

    public DataChannelOptions withOrdered(boolean yes) {
        return new DataChannelOptions(
                yes, maxPacketLifeTime, maxRetransmits, protocol, negotiated, id, priority);
    }

    public DataChannelOptions withMaxPacketLifeTime(int millis) {
        return new DataChannelOptions(
                ordered, millis, maxRetransmits, protocol, negotiated, id, priority);
    }

    public DataChannelOptions withMaxRetransmits(int times) {
        return new DataChannelOptions(
                ordered, maxPacketLifeTime, times, protocol, negotiated, id, priority);
    }

    public DataChannelOptions withProtocol(String name) {
        return new DataChannelOptions(
                ordered, maxPacketLifeTime, maxRetransmits, name, negotiated, id, priority);
    }

    /** The other side creates the channel, too, with the same id. */
    public DataChannelOptions withNegotiatedId(int agreed) {
        return new DataChannelOptions(
                ordered, maxPacketLifeTime, maxRetransmits, protocol, true, agreed, priority);
    }

    public DataChannelOptions withPriority(Priority other) {
        return new DataChannelOptions(
                ordered, maxPacketLifeTime, maxRetransmits, protocol, negotiated, id, other);
    }

    ChannelOptions channelOptions(String label) {
        return new ChannelOptions(
                label, protocol, ordered, maxRetransmits, maxPacketLifeTime, priority);
    }
}
