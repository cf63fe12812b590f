package dev.peerline.datachannel.ice;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * A candidate as it stands in SDP (RFC 8839 §5.1, RFC 6544 §4.5).
 *
 * @param foundation 1 to 32 ice-chars
 * @param component 1 to 256; data channels have 1 alone
 * @param protocol how packets get to this address
 * @param priority 1 to 2<sup>32</sup>-1
 * @param address an IP address, or a name; browsers hide host addresses behind {@code .local} ones
 * @param port 0 to 65535; active TCP candidates have 9
 * @param relatedAddress of srflx, prflx and relay candidates, null where it is not said
 * @param relatedPort 0 where it is not said
 * @param tcpType of TCP candidates, null for UDP
 * @param usernameFragment of the session it belongs to, null where it is not said
 */
public record IceCandidate(
        String foundation,
        int component,
        Protocol protocol,
        long priority,
        String address,
        int port,
        Kind kind,
        @Nullable String relatedAddress,
        int relatedPort,
        @Nullable TcpType tcpType,
        @Nullable String usernameFragment) {

    /** How packets get to a candidate. */
    public enum Protocol {
        UDP,
        TCP;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where a candidate comes from; the names are the W3C's RTCIceCandidateType in capitals. */
    public enum Kind {
        HOST,
        SRFLX,
        PRFLX,
        RELAY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Who opens the connection (RFC 6544 §4.5). */
    public enum TcpType {
        ACTIVE,
        PASSIVE,
        SO;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public IceCandidate {
        if (component < 1 || component > 256) {
            throw new IllegalArgumentException("component: 1 to 256: " + component);
        }
        if (priority < 1 || priority > 0xffff_ffffL) {
            throw new IllegalArgumentException("priority: 1 to 2^32-1: " + priority);
        }
        if (port < 0 || port > 0xffff || relatedPort < 0 || relatedPort > 0xffff) {
            throw new IllegalArgumentException("port: 0 to 65535: " + port + ", " + relatedPort);
        }
    }

    /** A UDP candidate without a related address. */
    public static IceCandidate udp(
            String foundation, long priority, String address, int port, Kind kind) {
        return new IceCandidate(
                foundation, 1, Protocol.UDP, priority, address, port, kind, null, 0, null, null);
    }

    /**
     * Reads a candidate attribute, with or without {@code a=} before it.
     *
     * @return null if it is malformed, or of a transport or type that nobody here knows: RFC 8839
     *     §5.1 has it ignored
     */
    public static @Nullable IceCandidate parse(String line) {
        return CandidateLine.parse(line);
    }

    /** Whether the address is a name of multicast DNS, which only its own network resolves. */
    public boolean isMdns() {
        return address.toLowerCase(Locale.ROOT).endsWith(".local");
    }

    /** Whether it may be of this session of the peer's, and not of before or after a restart. */
    boolean isOf(IceParameters remote) {
        return usernameFragment == null || usernameFragment.equals(remote.usernameFragment());
    }

    public IceCandidate withUsernameFragment(String fragment) {
        return new IceCandidate(
                foundation,
                component,
                protocol,
                priority,
                address,
                port,
                kind,
                relatedAddress,
                relatedPort,
                tcpType,
                fragment);
    }

    /** The same over TCP. */
    IceCandidate withTcpType(TcpType type) {
        return new IceCandidate(
                foundation,
                component,
                Protocol.TCP,
                priority,
                address,
                port,
                kind,
                relatedAddress,
                relatedPort,
                type,
                usernameFragment);
    }

    public IceCandidate withAddress(String resolved) {
        return new IceCandidate(
                foundation,
                component,
                protocol,
                priority,
                resolved,
                port,
                kind,
                relatedAddress,
                relatedPort,
                tcpType,
                usernameFragment);
    }

    /** The attribute as RTCIceCandidate has it: {@code candidate:…}. */
    @Override
    public String toString() {
        return CandidateLine.format(this);
    }
}
