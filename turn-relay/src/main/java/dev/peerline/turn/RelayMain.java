package dev.peerline.turn;

import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.auth.TimeLimitedSecrets;
import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.server.Limits;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * The relay alone, with as little as it needs: what the load generators and the tests with foreign
 * clients start. {@code ./peerline relay} is the one for people.
 */
public final class RelayMain {
    private final Map<String, List<String>> options = new HashMap<>();

    private RelayMain() {}

    public static void main(String[] args) throws Exception {
        RelayMain main = new RelayMain();
        try {
            main.read(args);
            main.run();
        } catch (IllegalArgumentException e) {
            System.err.println("relay: " + e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("relay: " + e.getMessage());
            System.exit(1);
        }
    }

    private void read(String[] args) {
        for (int i = 0; i < args.length; i += 2) {
            if (!args[i].startsWith("--") || i + 1 == args.length) {
                throw new IllegalArgumentException("every option has a value: " + args[i]);
            }
            options.computeIfAbsent(args[i].substring(2), it -> new ArrayList<>()).add(args[i + 1]);
        }
    }

    private String one(String name, String fallback) {
        return options.getOrDefault(name, List.of(fallback)).getLast();
    }

    private int number(String name, int fallback) {
        String text = one(name, Integer.toString(fallback));
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + name + ": no number: " + text, e);
        }
    }

    private void run() throws IOException, InterruptedException {
        RelayServer server = RelayServer.start(config(), credentials());
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .unstarted(
                                        () -> {
                                            server.close();
                                            ended.countDown();
                                        }));
        for (InetSocketAddress address : server.addresses()) {
            System.out.println("ready turn:" + dev.peerline.net.TransportAddress.of(address));
        }
        ended.await();
    }

    private RelayConfig config() throws IOException {
        int port = number("port", 3478);
        List<InetSocketAddress> listen = new ArrayList<>();
        for (String host : options.getOrDefault("listen", List.of("127.0.0.1"))) {
            listen.add(new InetSocketAddress(InetAddress.ofLiteral(host), port));
        }
        RelayConfig config =
                RelayConfig.on(listen)
                        .withRealm(one("realm", "peerline"))
                        .with(
                                new RelayConfig.Peers(
                                        ranges("allow-peer"), ranges("deny-peer"), false))
                        .with(
                                new RelayConfig.Threads(
                                        number("loops", 0), !one("native", "true").equals("false")))
                        .with(
                                Limits.DEFAULT.withAllocations(
                                        number("max-allocations", 10_000),
                                        number("max-allocations-per-user", 100)));
        String[] ports = one("relay-ports", "49152-65535").split("-", 2);
        int first = Integer.parseInt(ports[0]);
        config =
                config.with(new RelayConfig.Relayed(external(), first, Integer.parseInt(ports[1])));
        if (!options.containsKey("tls-cert")) return config;
        List<InetSocketAddress> tls = new ArrayList<>();
        for (InetSocketAddress address : listen) {
            tls.add(new InetSocketAddress(address.getAddress(), number("tls-port", 5349)));
        }
        return config.withTls(
                tls, new Tls(Path.of(one("tls-cert", "")), Path.of(one("tls-key", ""))));
    }

    private List<RelayConfig.External> external() {
        return options.getOrDefault("external-ip", List.of()).stream()
                .map(it -> new RelayConfig.External(InetAddress.ofLiteral(it), null))
                .toList();
    }

    private List<AddressRange> ranges(String name) {
        return options.getOrDefault(name, List.of()).stream().map(AddressRange::parse).toList();
    }

    private Credentials credentials() throws IOException {
        List<Credentials> sources = new ArrayList<>();
        List<String> users = options.getOrDefault("user", List.of());
        if (!users.isEmpty()) sources.add(StaticUsers.parse(users));
        if (options.containsKey("secret-file")) {
            List<String> secrets = new ArrayList<>();
            for (String file : options.getOrDefault("secret-file", List.of())) {
                secrets.add(Files.readString(Path.of(file)).strip());
            }
            sources.add(new TimeLimitedSecrets(secrets));
        }
        if (sources.isEmpty()) throw new IllegalArgumentException("--user or --secret-file");
        return Credentials.anyOf(sources);
    }
}
