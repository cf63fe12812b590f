package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.IceCandidate.Kind;
import dev.peerline.datachannel.ice.IceCandidate.Protocol;
import dev.peerline.datachannel.ice.IceCandidate.TcpType;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.regex.Pattern;

/** The candidate attribute (RFC 8839 §5.1), read and written. Pure. */
final class CandidateLine {
    /** Longer than any that is meant; a name has at most 253 characters. */
    private static final int MAX_CHARS = 1024;

    private static final int FIXED_FIELDS = 8;
    private static final Pattern SPACES = Pattern.compile(" +");
    private static final Pattern FOUNDATION = Pattern.compile("[A-Za-z0-9+/]{1,32}");
    private static final Pattern ADDRESS = Pattern.compile("[A-Za-z0-9:._%-]{1,253}");
    private static final Pattern UFRAG = Pattern.compile("[A-Za-z0-9+/]{4,256}");
    private static final String PREFIX = "candidate:";

    private CandidateLine() {}

    static @Nullable IceCandidate parse(String line) {
        if (line.length() > MAX_CHARS) return null;
        String text = line.strip();
        if (text.startsWith("a=")) text = text.substring(2);
        if (!text.regionMatches(true, 0, PREFIX, 0, PREFIX.length())) return null;
        String[] fields = SPACES.split(text.substring(PREFIX.length()));
        if (fields.length < FIXED_FIELDS || !fields[6].equalsIgnoreCase("typ")) return null;
        int component = (int) number(fields[1], 256);
        Protocol protocol = among(Protocol.values(), fields[2]);
        long priority = number(fields[3], 0xffff_ffffL);
        int port = (int) number(fields[5], 0xffff);
        Kind kind = among(Kind.values(), fields[7]);
        if (component < 1 || protocol == null || priority < 1 || port < 0 || kind == null)
            return null;
        if (!FOUNDATION.matcher(fields[0]).matches() || !ADDRESS.matcher(fields[4]).matches())
            return null;
        Extensions rest = Extensions.read(fields);
        if (rest == null || (protocol == Protocol.TCP) != (rest.tcpType != null)) return null;
        return new IceCandidate(
                fields[0],
                component,
                protocol,
                priority,
                fields[4],
                port,
                kind,
                rest.relatedAddress,
                rest.relatedPort,
                rest.tcpType,
                rest.usernameFragment);
    }

    /** Names and values after the fixed fields, of which unknown ones are ignored. */
    private record Extensions(
            @Nullable String relatedAddress,
            int relatedPort,
            @Nullable TcpType tcpType,
            @Nullable String usernameFragment) {

        static @Nullable Extensions read(String[] fields) {
            String address = null;
            int port = 0;
            TcpType tcpType = null;
            String fragment = null;
            for (int i = FIXED_FIELDS; i + 1 < fields.length; i += 2) {
                String value = fields[i + 1];
                switch (fields[i].toLowerCase(Locale.ROOT)) {
                    case "raddr" -> {
                        if (!ADDRESS.matcher(value).matches()) return null;
                        address = value;
                    }
                    case "rport" -> {
                        port = (int) number(value, 0xffff);
                        if (port < 0) return null;
                    }
                    case "tcptype" -> tcpType = among(TcpType.values(), value);
                    case "ufrag" -> {
                        if (!UFRAG.matcher(value).matches()) return null;
                        fragment = value;
                    }
                    default -> {
                        // generation, network-id, network-cost, …
                    }
                }
            }
            return new Extensions(address, port, tcpType, fragment);
        }
    }

    /** The number these digits are, or -1 if they are none or more than {@code most}. */
    private static long number(String digits, long most) {
        if (digits.isEmpty() || digits.length() > 10) return -1;
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            if (c < '0' || c > '9') return -1;
            value = 10 * value + c - '0';
        }
        return value <= most ? value : -1;
    }

    private static <E extends Enum<E>> @Nullable E among(E[] values, String name) {
        for (E value : values) if (value.name().equalsIgnoreCase(name)) return value;
        return null;
    }

    static String format(IceCandidate candidate) {
        StringBuilder line = new StringBuilder(PREFIX);
        line.append(candidate.foundation()).append(' ').append(candidate.component());
        line.append(' ').append(candidate.protocol()).append(' ').append(candidate.priority());
        line.append(' ').append(candidate.address()).append(' ').append(candidate.port());
        line.append(" typ ").append(candidate.kind());
        if (candidate.relatedAddress() != null) {
            line.append(" raddr ").append(candidate.relatedAddress());
            line.append(" rport ").append(candidate.relatedPort());
        }
        if (candidate.tcpType() != null) line.append(" tcptype ").append(candidate.tcpType());
        if (candidate.usernameFragment() != null)
            line.append(" ufrag ").append(candidate.usernameFragment());
        return line.toString();
    }
}
