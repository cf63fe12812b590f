package dev.peerline.turn;

import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.server.Limits;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * How a relay is set up. Immutable; start from {@link #on} and change what differs.
 *
 * @param listen UDP and TCP; a wildcard serves all addresses of its family
 * @param tlsListen TLS; empty for none
 * @param tls certificate and key for {@code tlsListen}, or null
 * @param external addresses that clients are told in place of the bound ones (behind a NAT)
 * @param realm at most 127 bytes of UTF-8
 * @param firstPort of the relayed addresses, inclusive as the last
 * @param allowPeers ranges that are permitted though they are not public
 * @param denyPeers ranges that are never permitted
 * @param loops threads for UDP; 0 for one a core
 * @param nativeAllowed whether Linux' batched system calls may be used
 * @param alternateServer where new clients are sent, or null
 */
public record RelayConfig(
        List<InetSocketAddress> listen,
        List<InetSocketAddress> tlsListen,
        @Nullable Tls tls,
        List<External> external,
        String realm,
        int firstPort,
        int lastPort,
        List<AddressRange> allowPeers,
        List<AddressRange> denyPeers,
        Limits limits,
        int loops,
        boolean nativeAllowed,
        @Nullable InetSocketAddress alternateServer) {
    private static final int MAX_REALM_BYTES = 127;

    /**
     * PEM files; they are read again when they change.
     *
     * @param certificates the chain, the server's own first
     * @param key PKCS #8, not encrypted
     */
    public record Tls(Path certificates, Path key) {}

    /**
     * A public address.
     *
     * @param local the bound address it stands for, or null for all of its family
     */
    public record External(InetAddress announced, @Nullable InetAddress local) {}

    public RelayConfig {
        listen = List.copyOf(listen);
        tlsListen = List.copyOf(tlsListen);
        external = List.copyOf(external);
        allowPeers = List.copyOf(allowPeers);
        denyPeers = List.copyOf(denyPeers);
        int realmBytes = realm.getBytes(java.nio.charset.StandardCharsets.UTF_8).length;
        if (realmBytes == 0 || realmBytes > MAX_REALM_BYTES) {
            throw new IllegalArgumentException("realm: 1-127 bytes: " + realm);
        }
        if (firstPort < 1 || lastPort > 0xffff || firstPort >= lastPort) {
            throw new IllegalArgumentException(
                    "relay ports: first < last, both 1-65535: " + firstPort + "-" + lastPort);
        }
        if (listen.isEmpty() && tlsListen.isEmpty()) {
            throw new IllegalArgumentException("listen: at least one address");
        }
    }

    /** The defaults on these addresses: the dynamic ports, no exception to the peer policy. */
    public static RelayConfig on(List<InetSocketAddress> listen) {
        return new RelayConfig(
                listen,
                List.of(),
                null,
                List.of(),
                "peerline",
                49_152,
                65_535,
                List.of(),
                List.of(),
                Limits.DEFAULT,
                0,
                true,
                null);
    }

    public RelayConfig withTls(List<InetSocketAddress> addresses, Tls files) {
        return new RelayConfig(
                listen,
                addresses,
                files,
                external,
                realm,
                firstPort,
                lastPort,
                allowPeers,
                denyPeers,
                limits,
                loops,
                nativeAllowed,
                alternateServer);
    }

    public RelayConfig withExternal(List<External> addresses) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                addresses,
                realm,
                firstPort,
                lastPort,
                allowPeers,
                denyPeers,
                limits,
                loops,
                nativeAllowed,
                alternateServer);
    }

    public RelayConfig withRealm(String newRealm) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                external,
                newRealm,
                firstPort,
                lastPort,
                allowPeers,
                denyPeers,
                limits,
                loops,
                nativeAllowed,
                alternateServer);
    }

    public RelayConfig withRelayPorts(int first, int last) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                external,
                realm,
                first,
                last,
                allowPeers,
                denyPeers,
                limits,
                loops,
                nativeAllowed,
                alternateServer);
    }

    public RelayConfig withPeers(List<AddressRange> allow, List<AddressRange> deny) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                external,
                realm,
                firstPort,
                lastPort,
                allow,
                deny,
                limits,
                loops,
                nativeAllowed,
                alternateServer);
    }

    public RelayConfig withLimits(Limits newLimits) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                external,
                realm,
                firstPort,
                lastPort,
                allowPeers,
                denyPeers,
                newLimits,
                loops,
                nativeAllowed,
                alternateServer);
    }

    /** Threads, and whether they may use the system's batched calls. */
    public RelayConfig withLoops(int count, boolean nativeCalls) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                external,
                realm,
                firstPort,
                lastPort,
                allowPeers,
                denyPeers,
                limits,
                count,
                nativeCalls,
                alternateServer);
    }

    public RelayConfig withAlternateServer(@Nullable InetSocketAddress server) {
        return new RelayConfig(
                listen,
                tlsListen,
                tls,
                external,
                realm,
                firstPort,
                lastPort,
                allowPeers,
                denyPeers,
                limits,
                loops,
                nativeAllowed,
                server);
    }
}
