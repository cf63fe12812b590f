package dev.peerline.server.relay;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.Cidr;
import dev.peerline.server.config.ExternalAddress;
import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.door.LocalAddresses;
import dev.peerline.server.door.Mode;
import dev.peerline.server.options.NetworkOptions;
import dev.peerline.server.options.RelayLimitOptions;
import dev.peerline.server.options.RelayOptions;
import dev.peerline.server.options.TurnOptions;
import dev.peerline.server.token.Secret;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.policy.AddressRange;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * What the options of {@code serve} come to for its relay.
 *
 * @param secrets of its credentials, newest first
 * @param hosts that peers are told; empty for what the relay announces
 * @param tlsName whom the certificate names, for TURN over TLS; null without one that peers trust
 * @param mayMove whether another port will do
 * @param selfTest whether it is tested through the announced address
 */
public record BuiltInRelayPlan(
        RelayConfig config,
        List<String> secrets,
        List<InetAddress> hosts,
        @Nullable String tlsName,
        boolean mayMove,
        boolean selfTest) {
    private static final int MAX_SECRETS = 8;
    private static final int SECRET_BYTES = 32;
    private static final String PURPOSE = "peerline relay";

    public BuiltInRelayPlan {
        secrets = List.copyOf(secrets);
        hosts = List.copyOf(hosts);
    }

    /** The options of {@code serve} that it depends on. */
    public record Options(
            NetworkOptions network,
            TurnOptions turn,
            RelayOptions relay,
            RelayLimitOptions limits) {}

    /**
     * Works it out.
     *
     * @param secrets of the server; empty where it needs no tokens
     * @param privates the addresses that {@code --lan} adds
     */
    public static @Nullable BuiltInRelayPlan of(
            Options options, List<Secret> secrets, List<InetAddress> privates)
            throws BadUsage, IOException {
        TurnOptions turn = options.turn();
        if (turn.noRelay) {
            if (turn.turnPort != null)
                throw new BadUsage("Choose one of --no-relay and --turn-port");
            return null;
        }
        NetworkOptions network = options.network();
        Mode mode = network.mode();
        boolean open = mode == Mode.PUBLIC;
        List<InetAddress> listen = listen(turn, mode, privates);
        RelayAddresses addresses =
                open
                        ? RelayAddresses.find(told(network), options.relay())
                        : new RelayAddresses(List.of(), "mode", false);
        int port = turn.turnPort == null ? TurnOptions.DEFAULT_PORT : turn.turnPort;
        RelayConfig config =
                RelayPlan.config(
                                new RelayConfig.Listeners(
                                        at(listen, port),
                                        List.of(),
                                        null,
                                        RelayPlan.ranges(options.relay().proxyProtocol)),
                                addresses,
                                options.relay())
                        .with(options.limits().limits(!open));
        return new BuiltInRelayPlan(
                config.with(peers(config.peers(), mode, privates)),
                keys(secrets),
                hosts(turn, mode, privates),
                tlsName(network),
                turn.turnPort == null && !open,
                !options.relay().noSelfTest && mode != Mode.LOOPBACK);
    }

    private static List<InetAddress> listen(
            TurnOptions turn, Mode mode, List<InetAddress> privates) {
        if (!turn.turnListen.isEmpty()) return turn.turnListen;
        if (mode == Mode.PUBLIC) return RelayAddresses.wildcards();
        // The first is the one that clients are told, and that finds a free port for all
        List<InetAddress> addresses = new ArrayList<>(privates);
        addresses.addAll(LocalAddresses.loopback());
        return addresses;
    }

    private static List<InetAddress> hosts(
            TurnOptions turn, Mode mode, List<InetAddress> privates) {
        if (!turn.turnListen.isEmpty() || mode == Mode.PUBLIC) return List.of();
        return List.of(
                privates.isEmpty() ? InetAddress.ofLiteral("127.0.0.1") : privates.getFirst());
    }

    private static List<ExternalAddress> told(NetworkOptions network) {
        return network.externalIp.stream().map(it -> new ExternalAddress(it, null)).toList();
    }

    private static List<InetSocketAddress> at(List<InetAddress> addresses, int port) {
        return addresses.stream().map(address -> new InetSocketAddress(address, port)).toList();
    }

    /** Clients on this machine may reach this machine, those of a private network that network. */
    private static RelayConfig.Peers peers(
            RelayConfig.Peers told, Mode mode, List<InetAddress> privates) {
        if (mode == Mode.PUBLIC) return told;
        List<AddressRange> allow = new ArrayList<>(told.allow());
        List<Cidr> networks = LocalAddresses.networksOf(privates);
        allow.addAll(RelayPlan.ranges(networks));
        return new RelayConfig.Peers(allow, told.deny(), true);
    }

    /** Made of the server's secrets, so that they rotate with those; else for this run alone. */
    private static List<String> keys(List<Secret> secrets) {
        if (!secrets.isEmpty())
            return secrets.stream()
                    .limit(MAX_SECRETS)
                    .map(secret -> secret.derived(PURPOSE))
                    .toList();
        byte[] random = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(random);
        return List.of(Base64.getUrlEncoder().withoutPadding().encodeToString(random));
    }

    private static @Nullable String tlsName(NetworkOptions network) {
        if (network.tlsCert == null) return null;
        if (!network.hostname.isEmpty()) return network.hostname.getFirst();
        return network.externalIp.isEmpty()
                ? "127.0.0.1"
                : IpLiteral.inUrl(network.externalIp.getFirst());
    }

    RelayConfig onAnyPort() {
        RelayConfig.Listeners listeners = config.listeners();
        List<InetAddress> addresses =
                listeners.plain().stream().map(InetSocketAddress::getAddress).toList();
        return config.with(
                new RelayConfig.Listeners(at(addresses, 0), List.of(), null, listeners.proxies()));
    }
}
