package dev.peerline.server.relay;

import dev.peerline.server.certificate.ServerCertificate;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.Cidr;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.options.RelayDoorOptions;
import dev.peerline.server.options.RelayLimitOptions;
import dev.peerline.server.options.RelayOptions;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.Tls;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.policy.AddressRange;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.net.ssl.KeyManager;

/**
 * What the options of {@code relay} come to on this machine.
 *
 * @param addresses which are announced, and why
 * @param users who may allocate, and where that is written
 */
public record RelayPlan(RelayConfig config, RelayAddresses addresses, RelayUsers users) {
    private static final int DEFAULT_TLS_PORT = 5349;

    /** The options of {@code relay}. */
    public record Options(RelayDoorOptions door, RelayOptions relay, RelayLimitOptions limits) {}

    /** Works it out, and makes a secret where one is needed and none is there. */
    public static RelayPlan of(Options options, Map<String, String> environment)
            throws BadUsage, IOException {
        RelayDoorOptions door = options.door();
        RelayOptions relay = options.relay();
        List<InetAddress> listen = door.listen.isEmpty() ? RelayAddresses.wildcards() : door.listen;
        RelayAddresses.check(door.externalIp, listen);
        Tls tls = tls(door);
        RelayAddresses addresses = RelayAddresses.find(door.externalIp, relay);
        RelayUsers users = RelayUsers.of(door, environment);
        RelayConfig config =
                config(
                                new RelayConfig.Listeners(
                                        at(listen, door.port),
                                        tls == null ? List.of() : at(listen, tlsPort(door)),
                                        tls,
                                        ranges(relay.proxyProtocol),
                                        discoveryPort(door, listen)),
                                addresses,
                                relay)
                        .with(options.limits().limits(true))
                        .withAlternateServer(alternate(door.alternateServer));
        return new RelayPlan(config, addresses, users);
    }

    /** What {@code relay} and {@code serve} have in common. */
    static RelayConfig config(
            RelayConfig.Listeners listeners, RelayAddresses addresses, RelayOptions relay)
            throws BadUsage {
        if (relay.realm.isBlank() || relay.realm.length() > 100)
            throw new BadUsage("--realm needs 1 to 100 characters");
        int threads = relay.threads == null ? 0 : relay.threads;
        return RelayConfig.on(listeners.plain())
                .with(listeners)
                .withRealm(relay.realm)
                .with(
                        new RelayConfig.Relayed(
                                addresses.external(),
                                relay.relayPorts.first(),
                                relay.relayPorts.last()))
                .with(new RelayConfig.Peers(ranges(relay.allowPeer), ranges(relay.denyPeer), false))
                .with(new RelayConfig.Threads(threads, !relay.noNative));
    }

    private static List<InetSocketAddress> at(List<InetAddress> addresses, int port) {
        return addresses.stream().map(address -> new InetSocketAddress(address, port)).toList();
    }

    static List<AddressRange> ranges(List<Cidr> ranges) {
        return ranges.stream()
                .map(it -> it.network().getHostAddress() + "/" + it.bits())
                .map(AddressRange::parse)
                .toList();
    }

    private static int discoveryPort(RelayDoorOptions door, List<InetAddress> listen)
            throws BadUsage {
        Integer port = door.discoveryPort;
        if (port == null) return 0;
        long four = fixed(listen).filter(Inet4Address.class::isInstance).count();
        long six = fixed(listen).filter(Inet6Address.class::isInstance).count();
        if (port == 0 || port == door.port || Math.max(four, six) < 2)
            throw new BadUsage(
                    "--discovery-port is another port than --port, and needs two --listen"
                            + " addresses of one family");
        return port;
    }

    private static Stream<InetAddress> fixed(List<InetAddress> listen) {
        return listen.stream().filter(address -> !address.isAnyLocalAddress());
    }

    private static int tlsPort(RelayDoorOptions door) {
        return door.tlsPort == null ? DEFAULT_TLS_PORT : door.tlsPort;
    }

    private static @Nullable Tls tls(RelayDoorOptions door) throws BadUsage {
        Path certificate = door.tlsCert;
        Path key = door.tlsKey;
        if (certificate == null && key == null && door.tlsPort == null) return null;
        if (certificate == null || key == null)
            throw new BadUsage("TLS needs both --tls-cert and --tls-key");
        ServerCertificate.read(
                certificate, key); // what is wrong is bad usage here, and later a warning
        return new Tls(certificate, key, RelayPlan::read);
    }

    private static KeyManager read(Path certificate, Path key) throws IOException {
        try {
            return ServerCertificate.read(certificate, key).keyManager();
        } catch (BadUsage problem) {
            throw new IOException(problem.sentence(), problem);
        }
    }

    private static @Nullable InetSocketAddress alternate(@Nullable HostAndPort server)
            throws BadUsage {
        if (server == null) return null;
        InetAddress address = server.address();
        if (address == null)
            throw new BadUsage(
                    "--alternate-server needs an address: clients are told no names (RFC 8489"
                            + " §14.15)");
        return new InetSocketAddress(address, server.port());
    }

    public Credentials credentials() {
        return users.credentials();
    }

    /** The files that a running relay looks at. */
    public List<Path> files() {
        Tls tls = config.listeners().certificate();
        Stream<Path> certificates =
                tls == null ? Stream.of() : Stream.of(tls.certificates(), tls.key());
        return Stream.concat(users.files().stream(), certificates).toList();
    }
}
