package dev.peerline.datachannel.dcep;

import dev.peerline.datachannel.dcep.ChannelOptions.Priority;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * DATA_CHANNEL_OPEN and DATA_CHANNEL_ACK (RFC 8832 §5).
 *
 * <pre>
 * +---------------+---------------+-------------------------------+
 * |  Message Type |  Channel Type |            Priority           |
 * +---------------+---------------+-------------------------------+
 * |                    Reliability Parameter                      |
 * +-------------------------------+-------------------------------+
 * |         Label Length          |       Protocol Length         |
 * +-------------------------------+-------------------------------+
 * /                             Label                             /
 * /                            Protocol                           /
 * </pre>
 */
final class OpenMessage {
    static final int ACK = 2;

    private static final int OPEN = 3;
    private static final int HEAD_BYTES = 12;
    private static final int RELIABLE = 0;
    private static final int REXMIT = 1;
    private static final int TIMED = 2;
    private static final int UNORDERED = 0x80;

    private OpenMessage() {}

    static byte[] encode(ChannelOptions options) {
        byte[] label = utf8("label", options.label());
        byte[] protocol = utf8("protocol", options.protocol());
        int type = RELIABLE;
        int parameter = 0;
        if (options.maxRetransmits() != ChannelOptions.UNLIMITED) {
            type = REXMIT;
            parameter = options.maxRetransmits();
        } else if (options.maxPacketLifeTimeMillis() != ChannelOptions.UNLIMITED) {
            type = TIMED;
            parameter = options.maxPacketLifeTimeMillis();
        }
        ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + label.length + protocol.length);
        out.put((byte) OPEN).put((byte) (type | (options.ordered() ? 0 : UNORDERED)));
        out.putShort((short) options.priority().value()).putInt(parameter);
        out.putShort((short) label.length).putShort((short) protocol.length);
        return out.put(label).put(protocol).array();
    }

    private static byte[] utf8(String what, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > 65535)
            throw new IllegalArgumentException(
                    what + " must have at most 65535 bytes in UTF-8: " + bytes.length);
        return bytes;
    }

    /** Null when the message is no DATA_CHANNEL_OPEN, or a malformed one. */
    static @Nullable ChannelOptions decode(byte[] message) {
        if (message.length < HEAD_BYTES) return null;
        ByteBuffer in = ByteBuffer.wrap(message);
        if (in.get() != OPEN) return null;
        int type = in.get() & 0xff;
        int priority = in.getShort() & 0xffff;
        long parameter = in.getInt() & 0xffff_ffffL;
        int labelBytes = in.getShort() & 0xffff;
        int protocolBytes = in.getShort() & 0xffff;
        if (in.remaining() != labelBytes + protocolBytes) return null;
        String label = text(in, labelBytes);
        String protocol = text(in, protocolBytes);
        if (label == null || protocol == null) return null;
        int limit = (int) Math.min(parameter, Integer.MAX_VALUE);
        int retransmits = ChannelOptions.UNLIMITED;
        int lifeTime = ChannelOptions.UNLIMITED;
        switch (type & ~UNORDERED) {
            case RELIABLE -> {}
            case REXMIT -> retransmits = limit;
            case TIMED -> lifeTime = limit;
            default -> {
                return null;
            }
        }
        return new ChannelOptions(
                label,
                protocol,
                (type & UNORDERED) == 0,
                retransmits,
                lifeTime,
                Priority.of(priority));
    }

    /** Strict UTF-8; null when it is none. */
    private static @Nullable String text(ByteBuffer in, int bytes) {
        ByteBuffer slice = in.slice(in.position(), bytes);
        in.position(in.position() + bytes);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(slice).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
