package dev.peerline.server.door;

import dev.peerline.server.config.Cidr;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.config.IpLiteral;

import org.jspecify.annotations.Nullable;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * Whom a request comes from: the other end of the connection, or, where that is a proxy that we
 * trust, whom the nearest proxy names that we do not.
 */
public final class ClientAddress {
    /** More proxies in a row than anybody has. */
    private static final int MAX_HOPS = 16;

    private static final int IPV6_PREFIX_BYTES = 8;

    private final List<Cidr> trustedProxies;

    public ClientAddress(List<Cidr> trustedProxies) {
        this.trustedProxies = List.copyOf(trustedProxies);
    }

    public boolean isTrustedProxy(InetAddress address) {
        return trustedProxies.stream().anyMatch(range -> range.contains(address));
    }

    /** Whom limits count as one: an address, or the 64 bits that one IPv6 customer has. */
    public static String limitsKey(InetAddress address) {
        if (!(address instanceof Inet6Address)) return address.getHostAddress();
        byte[] prefix = Arrays.copyOf(address.getAddress(), IPV6_PREFIX_BYTES);
        return HexFormat.of().formatHex(prefix) + "::/64";
    }

    /**
     * The client.
     *
     * @param peer the other end of the connection
     * @param forwarded the {@code Forwarded} headers (RFC 7239); they beat the others
     * @param forwardedFor the {@code X-Forwarded-For} headers
     */
    public InetAddress of(InetAddress peer, List<String> forwarded, List<String> forwardedFor) {
        if (!isTrustedProxy(peer)) return peer;
        List<String> hops = forwarded.isEmpty() ? elements(forwardedFor) : forElements(forwarded);
        InetAddress client = peer;
        // Each proxy adds whom it saw at the end: what stands before a stranger, he may have made
        // up.
        for (int index = hops.size() - 1; index >= 0 && isTrustedProxy(client); index--) {
            if (hops.size() - index > MAX_HOPS) break;
            InetAddress hop = address(hops.get(index));
            if (hop == null) break;
            client = hop;
        }
        return client;
    }

    private static List<String> elements(List<String> headers) {
        List<String> elements = new ArrayList<>();
        for (String header : headers)
            for (String element : header.split(",", -1)) elements.add(element.strip());
        return elements;
    }

    private static List<String> forElements(List<String> headers) {
        List<String> elements = new ArrayList<>();
        for (String element : elements(headers)) elements.add(parameter(element, "for"));
        return elements;
    }

    /** The value of a parameter in one element of {@code Forwarded}; empty when it is not there. */
    private static String parameter(String element, String name) {
        for (String pair : element.split(";", -1)) {
            int equals = pair.indexOf('=');
            if (equals < 0 || !pair.substring(0, equals).strip().equalsIgnoreCase(name)) continue;
            return pair.substring(equals + 1).strip().replace("\"", "");
        }
        return "";
    }

    /** The address of a hop, which may have a port; null for {@code unknown} and made-up names. */
    private static @Nullable InetAddress address(String hop) {
        InetAddress bare = IpLiteral.parse(hop);
        if (bare != null) return bare;
        HostAndPort host = HostAndPort.parse(hop);
        return host == null ? null : host.address();
    }

    /** The scheme that the nearest proxy was asked with, or null when it does not say. */
    public static @Nullable String scheme(List<String> forwarded, List<String> forwardedProto) {
        List<String> elements = elements(forwarded.isEmpty() ? forwardedProto : forwarded);
        if (elements.isEmpty()) return null;
        String last = elements.getLast();
        String scheme = forwarded.isEmpty() ? last : parameter(last, "proto");
        return scheme.equals("http") || scheme.equals("https") ? scheme : null;
    }
}
