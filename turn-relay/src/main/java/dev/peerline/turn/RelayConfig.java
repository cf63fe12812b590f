package dev.peerline.turn;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.server.Limits;

import org.jspecify.annotations.Nullable;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * How a relay is set up. Immutable; start from {@link #on} and change what differs.
 *
 * @param realm at most 127 bytes of UTF-8
 * @param alternateServer where new clients are sent, or null
 */
public record RelayConfig(
        Listeners listeners,
        Relayed relayed,
        String realm,
        Peers peers,
        Limits limits,
        Threads threads,
        @Nullable InetSocketAddress alternateServer) {
    private static final int MAX_REALM_BYTES = 127;

    /**
     * Where clients come in. These are those of the start; a reload does not change them.
     *
     * @param plain UDP and TCP; a wildcard serves all addresses of its family
     * @param secure TLS, and DTLS on the same ports; empty for none
     * @param certificate for {@code secure}, or null
     * @param proxies whose connections begin with a header of the PROXY protocol, version 2
     * @param discoveryPort a second UDP port on the first two addresses of a family, for NAT
     *     behaviour discovery (RFC 5780); 0 for none
     */
    public record Listeners(
            List<InetSocketAddress> plain,
            List<InetSocketAddress> secure,
            @Nullable Tls certificate,
            List<AddressRange> proxies,
            int discoveryPort) {
        /** Without behaviour discovery. */
        public Listeners(
                List<InetSocketAddress> plain,
                List<InetSocketAddress> secure,
                @Nullable Tls certificate,
                List<AddressRange> proxies) {
            this(plain, secure, certificate, proxies, 0);
        }

        public Listeners {
            plain = List.copyOf(plain);
            secure = List.copyOf(secure);
            proxies = List.copyOf(proxies);
            if (plain.isEmpty() && secure.isEmpty()) {
                throw new IllegalArgumentException("listen: at least one address");
            }
            if (discoveryPort != 0 && discoveryAddresses(plain).isEmpty()) {
                throw new IllegalArgumentException(
                        "discovery port: two addresses of one family, no wildcards");
            }
        }

        /** The first two of one family, or none. */
        public List<InetSocketAddress> discoveryAddresses() {
            return discoveryAddresses(plain);
        }

        private static List<InetSocketAddress> discoveryAddresses(List<InetSocketAddress> plain) {
            for (boolean ipv4 : new boolean[] {true, false}) {
                List<InetSocketAddress> family =
                        plain.stream()
                                .filter(it -> it.getAddress() instanceof Inet4Address == ipv4)
                                .filter(it -> !it.getAddress().isAnyLocalAddress())
                                .limit(2)
                                .toList();
                if (family.size() == 2) return family;
            }
            return List.of();
        }
    }

    /**
     * The relayed addresses.
     *
     * @param external addresses that clients are told in place of the bound ones (behind a NAT)
     * @param firstPort inclusive as the last
     */
    public record Relayed(List<External> external, int firstPort, int lastPort) {
        public Relayed {
            external = List.copyOf(external);
            if (firstPort < 1 || lastPort > 0xffff || firstPort >= lastPort) {
                throw new IllegalArgumentException(
                        "relay ports: first < last, both 1-65535: " + firstPort + "-" + lastPort);
            }
        }
    }

    /**
     * Who may be reached.
     *
     * @param allow ranges that are permitted though they are not public
     * @param deny ranges that are never permitted
     * @param localForLocal whether clients on this machine's loopback may reach loopback and the
     *     machine's own addresses (but no listener of the relay)
     */
    public record Peers(List<AddressRange> allow, List<AddressRange> deny, boolean localForLocal) {
        public Peers {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
        }
    }

    /**
     * How it runs.
     *
     * @param loops threads for UDP; 0 for one a core
     * @param nativeAllowed whether Linux' batched system calls may be used
     */
    public record Threads(int loops, boolean nativeAllowed) {}

    /**
     * A public address.
     *
     * @param local the bound address it stands for, or null for all of its family
     */
    public record External(InetAddress announced, @Nullable InetAddress local) {}

    public RelayConfig {
        int realmBytes = realm.getBytes(UTF_8).length;
        if (realmBytes == 0 || realmBytes > MAX_REALM_BYTES) {
            throw new IllegalArgumentException("realm: 1-127 bytes: " + realm);
        }
    }

    /** The defaults on these addresses: the dynamic ports, no exception to the peer policy. */
    public static RelayConfig on(List<InetSocketAddress> addresses) {
        return new RelayConfig(
                new Listeners(addresses, List.of(), null, List.of()),
                new Relayed(List.of(), 49_152, 65_535),
                "peerline",
                new Peers(List.of(), List.of(), false),
                Limits.DEFAULT,
                new Threads(0, true),
                null);
    }

    public RelayConfig with(Listeners newListeners) {
        return new RelayConfig(
                newListeners, relayed, realm, peers, limits, threads, alternateServer);
    }

    public RelayConfig with(Relayed newRelayed) {
        return new RelayConfig(
                listeners, newRelayed, realm, peers, limits, threads, alternateServer);
    }

    public RelayConfig with(Peers newPeers) {
        return new RelayConfig(
                listeners, relayed, realm, newPeers, limits, threads, alternateServer);
    }

    public RelayConfig with(Limits newLimits) {
        return new RelayConfig(
                listeners, relayed, realm, peers, newLimits, threads, alternateServer);
    }

    public RelayConfig with(Threads newThreads) {
        return new RelayConfig(
                listeners, relayed, realm, peers, limits, newThreads, alternateServer);
    }

    public RelayConfig withRealm(String newRealm) {
        return new RelayConfig(
                listeners, relayed, newRealm, peers, limits, threads, alternateServer);
    }

    public RelayConfig withAlternateServer(@Nullable InetSocketAddress server) {
        return new RelayConfig(listeners, relayed, realm, peers, limits, threads, server);
    }

    /** TLS and DTLS too. */
    public RelayConfig withTls(List<InetSocketAddress> addresses, Tls certificate) {
        return with(
                new Listeners(
                        listeners.plain,
                        addresses,
                        certificate,
                        listeners.proxies,
                        listeners.discoveryPort));
    }
}
