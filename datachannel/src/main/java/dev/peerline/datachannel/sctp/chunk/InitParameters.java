package dev.peerline.datachannel.sctp.chunk;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of INIT and INIT ACK.
 *
 * @param cookie the state cookie, in INIT ACK only
 * @param forwardTsn RFC 3758 §3.1: partial reliability is supported
 * @param extensions RFC 5061 §4.2.7: the chunk types that are supported beyond RFC 9260
 * @param zeroChecksumMethod RFC 9653 §4: the error detection method under which a checksum of zero
 *     is accepted; 0 for none
 * @param unrecognized parameters, whole, that the receiver must report
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record InitParameters(
        byte @Nullable [] cookie,
        boolean forwardTsn,
        List<Integer> extensions,
        int zeroChecksumMethod,
        List<byte[]> unrecognized) {
    /** RFC 9653 §5.1: SCTP over DTLS. */
    public static final int ZERO_CHECKSUM_DTLS = 1;

    /** No honest peer has more; each is looked at once. */
    static final int MAX_PARAMETERS = 64;

    private static final int IPV4_ADDRESS = 5;
    private static final int IPV6_ADDRESS = 6;
    private static final int STATE_COOKIE = 7;
    private static final int UNRECOGNIZED = 8;
    private static final int COOKIE_PRESERVATIVE = 9;
    private static final int SUPPORTED_ADDRESS_TYPES = 12;
    private static final int ECN_CAPABLE = 0x8000;
    private static final int ZERO_CHECKSUM = 0x8001;
    private static final int SUPPORTED_EXTENSIONS = 0x8008;
    private static final int FORWARD_TSN = 0xC000;

    public InitParameters {
        extensions = List.copyOf(extensions);
        unrecognized = List.copyOf(unrecognized);
    }

    public boolean supports(int chunkType) {
        return extensions.contains(chunkType);
    }

    /** The same parameters in an INIT ACK: with a cookie, and a report of what was not known. */
    public InitParameters asAcknowledgement(byte[] cookie, List<byte[]> unrecognized) {
        return new InitParameters(cookie, forwardTsn, extensions, zeroChecksumMethod, unrecognized);
    }

    static Parsed<InitParameters> parse(byte[] bytes, int from, int to) {
        byte[] cookie = null;
        boolean forwardTsn = false;
        int zeroChecksumMethod = 0;
        List<Integer> extensions = new ArrayList<>();
        List<byte[]> unrecognized = new ArrayList<>();
        ParameterCursor parameter = new ParameterCursor(bytes, from, to);
        for (int count = 0; parameter.next(); count++) {
            if (count == MAX_PARAMETERS) return Parsed.bad(Malformed.TOO_MANY);
            switch (parameter.type()) {
                case STATE_COOKIE -> cookie = parameter.value();
                case FORWARD_TSN -> forwardTsn = true;
                case SUPPORTED_EXTENSIONS -> {
                    for (byte type : parameter.value()) extensions.add(type & 0xff);
                }
                case ZERO_CHECKSUM -> {
                    if (parameter.valueLength() != 4) return Parsed.bad(Malformed.BAD_LENGTH);
                    zeroChecksumMethod = Bytes.i32(bytes, parameter.valueStart());
                }
                // Known, and without a meaning over DTLS: there is one path and no address.
                case IPV4_ADDRESS,
                        IPV6_ADDRESS,
                        UNRECOGNIZED,
                        COOKIE_PRESERVATIVE,
                        SUPPORTED_ADDRESS_TYPES,
                        ECN_CAPABLE -> {}
                default -> {
                    if (parameter.wantsReport()) unrecognized.add(parameter.whole());
                    if (parameter.stopsProcessing())
                        return Parsed.good(
                                new InitParameters(
                                        cookie,
                                        forwardTsn,
                                        extensions,
                                        zeroChecksumMethod,
                                        unrecognized));
                }
            }
        }
        if (parameter.malformed()) return Parsed.bad(Malformed.BAD_LENGTH);
        return Parsed.good(
                new InitParameters(
                        cookie, forwardTsn, extensions, zeroChecksumMethod, unrecognized));
    }

    void write(PacketWriter out) {
        if (cookie != null) writeOne(out, STATE_COOKIE, cookie);
        if (forwardTsn) writeOne(out, FORWARD_TSN, new byte[0]);
        if (!extensions.isEmpty()) {
            byte[] types = new byte[extensions.size()];
            for (int i = 0; i < types.length; i++) types[i] = extensions.get(i).byteValue();
            writeOne(out, SUPPORTED_EXTENSIONS, types);
        }
        if (zeroChecksumMethod != 0) {
            byte[] method = new byte[4];
            Bytes.put32(method, 0, zeroChecksumMethod);
            writeOne(out, ZERO_CHECKSUM, method);
        }
        for (byte[] parameter : unrecognized) writeOne(out, UNRECOGNIZED, parameter);
    }

    private static void writeOne(PacketWriter out, int type, byte[] value) {
        out.pad();
        int start = out.beginParameter(type);
        out.put(value);
        out.endParameter(start);
    }
}
