package dev.peerline.datachannel.ice;

import java.util.Locale;

/**
 * A STUN or TURN server.
 *
 * @param host a name or an IP address, IPv6 without brackets
 * @param username of TURN, at most 508 bytes; empty for STUN
 * @param credential the password of TURN; empty for STUN
 */
public record IceServer(
        Kind kind, String host, int port, String username, String credential, TlsTrust trust) {
    public static final int DEFAULT_PORT = 3478;
    public static final int DEFAULT_TLS_PORT = 5349;

    /** What is asked of it, and over which transport. */
    public enum Kind {
        STUN,
        TURN_UDP,
        TURN_TCP,
        TURN_TLS;

        public boolean isTurn() {
            return this != STUN;
        }
    }

    /** Whose certificate a {@code turns:} server may have. */
    public enum TlsTrust {
        /** One for its host, by an authority the JDK trusts. */
        SYSTEM,
        /** Any: what is relayed is encrypted end to end, but somebody in between sees who talks. */
        ANY
    }

    public IceServer {
        if (host.isEmpty()) throw new IllegalArgumentException("host: must not be empty");
        if (port < 1 || port > 0xffff) {
            throw new IllegalArgumentException("port: 1 to 65535: " + port);
        }
        if (kind.isTurn() && (username.isEmpty() || credential.isEmpty())) {
            throw new IllegalArgumentException("username, credential: TURN needs both");
        }
    }

    public static IceServer stun(String host, int port) {
        return new IceServer(Kind.STUN, host, port, "", "", TlsTrust.SYSTEM);
    }

    public static IceServer turn(
            Kind kind, String host, int port, String username, String credential) {
        return new IceServer(kind, host, port, username, credential, TlsTrust.SYSTEM);
    }

    /**
     * Reads a URL of RTCIceServer: {@code stun:}, {@code turn:} or {@code turns:} (RFC 7064, RFC
     * 7065).
     *
     * @throws IllegalArgumentException if it is none
     */
    public static IceServer parse(String url, String username, String credential) {
        int colon = url.indexOf(':');
        if (colon < 0) throw new IllegalArgumentException("url: stun:, turn: or turns:: " + url);
        String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
        int question = url.indexOf('?');
        String place = url.substring(colon + 1, question < 0 ? url.length() : question);
        String query = question < 0 ? "" : url.substring(question + 1).toLowerCase(Locale.ROOT);
        Kind kind = kind(scheme, query, url);
        int defaultPort = kind == Kind.TURN_TLS ? DEFAULT_TLS_PORT : DEFAULT_PORT;
        int end = place.startsWith("[") ? place.indexOf(']') + 1 : place.indexOf(':');
        if (end <= 0) end = place.length();
        String host = place.substring(0, end);
        if (host.startsWith("[")) host = host.substring(1, host.length() - 1);
        int port = defaultPort;
        if (end < place.length()) port = port(place.substring(end + 1), url);
        if (kind == Kind.STUN) return stun(host, port);
        return turn(kind, host, port, username, credential);
    }

    private static Kind kind(String scheme, String query, String url) {
        boolean tcp = query.equals("transport=tcp");
        if (!tcp && !query.isEmpty() && !query.equals("transport=udp")) {
            throw new IllegalArgumentException("url: ?transport=udp or tcp: " + url);
        }
        return switch (scheme) {
            case "stun" -> Kind.STUN;
            case "turn" -> tcp ? Kind.TURN_TCP : Kind.TURN_UDP;
            case "turns" -> Kind.TURN_TLS;
            default ->
                    throw new IllegalArgumentException("url: stun:, turn: or turns:, not " + url);
        };
    }

    private static int port(String digits, String url) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("url: no port number in " + url, e);
        }
    }

    /** As in {@code stun:} and {@code turn:} URLs, without the credential. */
    public String url() {
        String place = (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        return switch (kind) {
            case STUN -> "stun:" + place;
            case TURN_UDP -> "turn:" + place + "?transport=udp";
            case TURN_TCP -> "turn:" + place + "?transport=tcp";
            case TURN_TLS -> "turns:" + place + "?transport=tcp";
        };
    }

    public IceServer withTrust(TlsTrust other) {
        return new IceServer(kind, host, port, username, credential, other);
    }

    @Override
    public String toString() {
        return url();
    }
}
