package dev.peerline.server;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.config.Origin;
import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.door.Doors;
import dev.peerline.server.door.LocalAddresses;
import dev.peerline.server.door.Mode;
import dev.peerline.server.grpc.GrpcPlan;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.PageConfig;
import dev.peerline.server.options.DoorOptions;
import dev.peerline.server.options.GrpcOptions;
import dev.peerline.server.options.LimitOptions;
import dev.peerline.server.options.NetworkOptions;
import dev.peerline.server.options.PushPeerOptions;
import dev.peerline.server.options.RelayLimitOptions;
import dev.peerline.server.options.RelayOptions;
import dev.peerline.server.options.TopicOptions;
import dev.peerline.server.options.TurnOptions;
import dev.peerline.server.pushpeer.PushPeerPlan;
import dev.peerline.server.relay.BuiltInRelayPlan;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.SecretFile;
import dev.peerline.server.token.Tokens;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the options of {@code serve} come to on this machine.
 *
 * @param config for the server
 * @param secretPlace where the secret is kept; null where there is none
 * @param generated whether the secret was made just now
 */
record ServePlan(ServerConfig config, @Nullable Path secretPlace, boolean generated) {

    /** The options of {@code serve}. */
    record Options(
            NetworkOptions network,
            DoorOptions door,
            LimitOptions limits,
            TopicOptions topics,
            TurnOptions turn,
            RelayOptions relay,
            RelayLimitOptions relayLimits,
            GrpcOptions grpc,
            PushPeerOptions pushPeer) {}

    /** Works it out, and makes the secret where one is needed and none is there. */
    static ServePlan of(Options options, Map<String, String> environment, String version)
            throws BadUsage, IOException {
        NetworkOptions network = options.network();
        DoorOptions door = options.door();
        check(network, door);
        Mode mode = network.mode();

        Path place = door.secretFile;
        boolean generated = false;
        if (place == null && mode == Mode.PUBLIC) {
            place = SecretFile.defaultPlace(environment);
            generated = !Files.exists(place);
            if (generated) SecretFile.generate(place);
        }
        List<Secret> secrets = place == null ? List.of() : read(place);
        Tokens tokens = secrets.isEmpty() ? null : new Tokens(secrets, InstantSource.system());
        if (door.openDemo && tokens == null)
            throw new BadUsage(
                    "--open-demo is for servers that need tokens: add --public or --secret-file");

        List<InetAddress> privates =
                mode == Mode.LAN ? LocalAddresses.ofPrivateNetworks() : List.of();
        Doors doors =
                new Doors(
                        tokens != null,
                        hosts(network, privates),
                        new HashSet<Origin>(door.allowOrigin));
        HttpConfig http =
                new HttpConfig(
                        listenAddresses(network, privates),
                        network.port,
                        Tls.of(network, List.copyOf(doors.hosts())),
                        network.metricsPort,
                        privates.isEmpty() ? null : privates.getFirst(),
                        doors,
                        new ClientAddress(network.trustedProxies),
                        tokens,
                        new PageConfig(
                                version,
                                mode,
                                tokens != null,
                                door.openDemo,
                                door.demoFaults,
                                door.away),
                        options.limits().http(),
                        HttpConfig.Timeouts.DEFAULT);
        ServerConfig config =
                new ServerConfig(
                        http,
                        door.iceServers,
                        BuiltInRelayPlan.of(
                                new BuiltInRelayPlan.Options(
                                        network,
                                        options.turn(),
                                        options.relay(),
                                        options.relayLimits()),
                                secrets,
                                privates),
                        GrpcPlan.of(options.grpc(), http, options.topics().config().readers()),
                        PushPeerPlan.of(options.pushPeer(), http, externalAddresses(network)),
                        options.limits().link(),
                        options.limits().rooms(door.away),
                        options.topics().config(),
                        door.data);
        return new ServePlan(config, place, generated);
    }

    private static void check(NetworkOptions network, DoorOptions door) throws BadUsage {
        if (network.lan && network.open) throw new BadUsage("Choose one of --lan and --public");
        if (network.open && door.demoFaults)
            throw new BadUsage("--demo-faults does not go with --public: strangers could use it");
    }

    private static List<Secret> read(Path place) throws BadUsage {
        try {
            return SecretFile.read(place);
        } catch (BadUsage problem) {
            throw new BadUsage(problem.sentence());
        }
    }

    /** The names that are ours beyond doubt, besides loopback. */
    private static Set<String> hosts(NetworkOptions network, List<InetAddress> privates) {
        Set<String> hosts = new HashSet<>(network.hostname);
        privates.forEach(address -> hosts.add(address.getHostAddress()));
        externalAddresses(network).forEach(address -> hosts.add(address.getHostAddress()));
        network.listen.stream()
                .filter(address -> !address.isAnyLocalAddress())
                .forEach(address -> hosts.add(address.getHostAddress()));
        return hosts;
    }

    private static List<InetAddress> externalAddresses(NetworkOptions network) {
        if (!network.externalIp.isEmpty() || !network.open) return network.externalIp;
        InetAddress found = LocalAddresses.ofTheInternet();
        return found == null ? List.of() : List.of(found);
    }

    private static List<InetAddress> listenAddresses(
            NetworkOptions network, List<InetAddress> privates) {
        if (!network.listen.isEmpty()) return network.listen;
        if (network.open) return List.of(InetAddress.ofLiteral("0.0.0.0"));
        List<InetAddress> addresses = LocalAddresses.loopback();
        addresses.addAll(privates);
        return addresses;
    }

    /** The host of the URL that others are given: a name before an address before loopback. */
    static String publicHost(NetworkOptions network) {
        if (!network.hostname.isEmpty()) return network.hostname.getFirst();
        List<InetAddress> external = externalAddresses(network);
        return external.isEmpty() ? "127.0.0.1" : IpLiteral.inUrl(external.getFirst());
    }
}
