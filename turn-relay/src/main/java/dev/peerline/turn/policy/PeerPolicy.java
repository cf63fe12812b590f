package dev.peerline.turn.policy;

import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;

/**
 * Which peer addresses may be given a permission (RFC 8656 §21.1.4-21.1.6): none that is not a
 * public unicast address, in whatever way it is written, unless the operator allows it. The order:
 * ways of hiding an IPv4 address, {@code deny}, {@code allow}, the built-in table.
 *
 * <p>Own addresses are not judged here: whether a peer is one of our relayed addresses depends on
 * its port (see {@link OwnAddresses}). Immutable.
 */
public final class PeerPolicy {
    private record Rule(AddressRange range, String name) {}

    /** IANA's special-purpose registries (RFC 6890), multicast, and what is reserved. */
    private static final List<Rule> FORBIDDEN_IPV4 =
            List.of(
                    rule("0.0.0.0/8", "unspecified"),
                    rule("10.0.0.0/8", "private"),
                    rule("100.64.0.0/10", "carrier-nat"),
                    rule("127.0.0.0/8", "loopback"),
                    rule("169.254.0.0/16", "link-local"),
                    rule("172.16.0.0/12", "private"),
                    rule("192.0.0.0/24", "reserved"),
                    rule("192.0.2.0/24", "documentation"),
                    rule("192.88.99.0/24", "6to4-relay"),
                    rule("192.168.0.0/16", "private"),
                    rule("198.18.0.0/15", "benchmarking"),
                    rule("198.51.100.0/24", "documentation"),
                    rule("203.0.113.0/24", "documentation"),
                    rule("224.0.0.0/4", "multicast"),
                    rule("240.0.0.0/4", "reserved"));

    private static final List<Rule> FORBIDDEN_IPV6 =
            List.of(
                    rule("::/128", "unspecified"),
                    rule("::1/128", "loopback"),
                    rule("fe80::/10", "link-local"),
                    rule("fec0::/10", "site-local"),
                    rule("fc00::/7", "private"),
                    rule("ff00::/8", "multicast"),
                    rule("2001:db8::/32", "documentation"),
                    rule("3fff::/20", "documentation"),
                    rule("2001::/23", "protocol-assignment"));

    /** An IPv4 address inside of an IPv6 one: nobody writes a public peer like this. */
    private static final List<Rule> HIDDEN_IPV4 =
            List.of(
                    rule("64:ff9b:1::/48", "nat64-local"),
                    rule("2001::/32", "teredo"),
                    rule("2002::/16", "6to4"));

    private static final AddressRange NAT64 = AddressRange.parse("64:ff9b::/96");
    private static final AddressRange GLOBAL_UNICAST = AddressRange.parse("2000::/3");

    private final List<AddressRange> allowed;
    private final List<AddressRange> denied;
    private final boolean localForLocal;

    /** Without an exception for clients on this machine. */
    public PeerPolicy(List<AddressRange> allowed, List<AddressRange> denied) {
        this(allowed, denied, false);
    }

    /**
     * @param localForLocal whether clients on loopback may reach loopback and this machine's own
     *     addresses, unless denied
     */
    public PeerPolicy(
            List<AddressRange> allowed, List<AddressRange> denied, boolean localForLocal) {
        this.allowed = List.copyOf(allowed);
        this.denied = List.copyOf(denied);
        this.localForLocal = localForLocal;
    }

    private static Rule rule(String range, String name) {
        return new Rule(AddressRange.parse(range), name);
    }

    /** The names that {@link #forbids} can answer, for metrics. */
    public static Set<String> ruleNames() {
        return Set.of(
                "unspecified",
                "private",
                "carrier-nat",
                "loopback",
                "link-local",
                "reserved",
                "documentation",
                "6to4-relay",
                "benchmarking",
                "multicast",
                "site-local",
                "protocol-assignment",
                "nat64-local",
                "teredo",
                "6to4",
                "ipv4-mapped",
                "ipv4-compatible",
                "ipv4-translated",
                "nat64",
                "isatap",
                "denied",
                "own-address");
    }

    /**
     * The name of the rule that forbids this peer, or null if it may be reached.
     *
     * @param family 4 or 6, as the address was written by the client
     */
    public @Nullable String forbids(int family, long high, long low) {
        if (family == 6) {
            String hidden = hiddenIpv4(high, low);
            if (hidden != null) return hidden;
        }
        if (anyContains(denied, high, low)) return "denied";
        if (anyContains(allowed, high, low)) return null;
        return builtIn(high, low);
    }

    /** Whether {@code allow} names this address, so that it may be reached though it is ours. */
    public boolean allows(long high, long low) {
        return anyContains(allowed, high, low) && !anyContains(denied, high, low);
    }

    /**
     * Whether clients on this machine may have it as a peer, by this address, its listeners
     * excepted.
     */
    public boolean allowsLocal(long high, long low) {
        return localForLocal && !anyContains(denied, high, low);
    }

    private @Nullable String builtIn(long high, long low) {
        if (TransportAddress.isIpv4(high, low)) return find(FORBIDDEN_IPV4, high, low);
        String name = find(FORBIDDEN_IPV6, high, low);
        if (name != null) return name;
        boolean reachable = GLOBAL_UNICAST.contains(high, low) || NAT64.contains(high, low);
        return reachable ? null : "reserved";
    }

    private @Nullable String hiddenIpv4(long high, long low) {
        if (high == 0) {
            int word = (int) (low >>> 32);
            if (word == 0xffff) return "ipv4-mapped"; // ::ffff:a.b.c.d
            if (word == 0 && low > 0xffff) return "ipv4-compatible"; // ::a.b.c.d
            if (word == 0xffff0000) return "ipv4-translated"; // ::ffff:0:a.b.c.d (RFC 7915)
        }
        String name = find(HIDDEN_IPV4, high, low);
        if (name != null) return name;
        // Translated by the network: as good as the IPv4 address that it leads to
        if (NAT64.contains(high, low) && !mayReachIpv4((int) low)) return "nat64";
        // RFC 5214 §6.1: the interface identifier of an ISATAP tunnel
        if ((low >>> 32 & ~0x0200_0000L) == 0x5efe && !mayReachIpv4((int) low)) return "isatap";
        return null;
    }

    private boolean mayReachIpv4(int address) {
        long low = TransportAddress.ipv4Low(address);
        return !anyContains(denied, 0, low) && find(FORBIDDEN_IPV4, 0, low) == null;
    }

    private static boolean anyContains(List<AddressRange> ranges, long high, long low) {
        for (int i = 0; i < ranges.size(); i++) if (ranges.get(i).contains(high, low)) return true;
        return false;
    }

    private static @Nullable String find(List<Rule> rules, long high, long low) {
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if (rule.range.contains(high, low)) return rule.name;
        }
        return null;
    }
}
