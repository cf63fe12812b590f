package dev.peerline.datachannel.dcep;

/**
 * How a channel treats its messages; the names are the W3C's.
 *
 * @param label at most 65535 bytes in UTF-8
 * @param protocol at most 65535 bytes in UTF-8
 * @param maxRetransmits {@link #UNLIMITED}, or how often a message is sent again at most
 * @param maxPacketLifeTimeMillis {@link #UNLIMITED}, or how long it is tried
 */
public record ChannelOptions(
        String label,
        String protocol,
        boolean ordered,
        int maxRetransmits,
        int maxPacketLifeTimeMillis,
        Priority priority) {
    public static final int UNLIMITED = -1;

    /** RFC 8831 §6.4: shares beside the other channels, one to eight. */
    public enum Priority {
        VERY_LOW(128),
        LOW(256),
        MEDIUM(512),
        HIGH(1024);

        private final int value;

        Priority(int value) {
            this.value = value;
        }

        /** What DATA_CHANNEL_OPEN says (RFC 8832 §8.2.1), and the weight of the stream. */
        public int value() {
            return value;
        }

        /** RFC 8832 §5.1: any number may come; the next lower name is meant. */
        static Priority of(int value) {
            Priority best = VERY_LOW;
            for (Priority priority : values()) if (value >= priority.value) best = priority;
            return best;
        }
    }

    public ChannelOptions {
        if (maxRetransmits != UNLIMITED && maxPacketLifeTimeMillis != UNLIMITED)
            throw new IllegalArgumentException(
                    "only one of maxRetransmits and maxPacketLifeTime may be set");
        if (maxRetransmits < UNLIMITED || maxPacketLifeTimeMillis < UNLIMITED)
            throw new IllegalArgumentException(
                    "limits must not be negative: "
                            + maxRetransmits
                            + ", "
                            + maxPacketLifeTimeMillis);
    }

    /** Reliable, in order, of low priority: the W3C's defaults. */
    public static ChannelOptions reliable(String label) {
        return new ChannelOptions(label, "", true, UNLIMITED, UNLIMITED, Priority.LOW);
    }

    public ChannelOptions withProtocol(String name) {
        return new ChannelOptions(
                label, name, ordered, maxRetransmits, maxPacketLifeTimeMillis, priority);
    }

    public ChannelOptions withOrdered(boolean yes) {
        return new ChannelOptions(
                label, protocol, yes, maxRetransmits, maxPacketLifeTimeMillis, priority);
    }

    public ChannelOptions withMaxRetransmits(int times) {
        return new ChannelOptions(
                label, protocol, ordered, times, maxPacketLifeTimeMillis, priority);
    }

    public ChannelOptions withMaxPacketLifeTime(int millis) {
        return new ChannelOptions(label, protocol, ordered, maxRetransmits, millis, priority);
    }

    public ChannelOptions withPriority(Priority other) {
        return new ChannelOptions(
                label, protocol, ordered, maxRetransmits, maxPacketLifeTimeMillis, other);
    }
}
