package dev.peerline.turn;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.io.LocalAddresses;
import dev.peerline.turn.io.RelayLog;
import dev.peerline.turn.io.StreamLoop;
import dev.peerline.turn.io.TlsCertificates;
import dev.peerline.turn.io.UdpLoop;
import dev.peerline.turn.policy.PeerPolicy;
import dev.peerline.turn.server.Counter;
import dev.peerline.turn.server.Discovery;
import dev.peerline.turn.server.Settings;
import dev.peerline.turn.server.Shared;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

import javax.net.ssl.SSLEngine;

/**
 * A running STUN/TURN server. {@link #start} binds everything or throws; {@link #close} ends it.
 * Thread-safe.
 */
public final class RelayServer implements AutoCloseable {
    private static final int NONCE_KEY_BYTES = 32;
    private static final int PORT_ATTEMPTS = 8;

    private final Shared shared;
    private final List<UdpLoop> loops = new ArrayList<>();
    private final RelayLog log = new RelayLog();
    private final StreamLoop streams;
    private final @Nullable TlsCertificates certificates;
    private final boolean nativeCalls;
    private final boolean dontFragment;
    private List<InetSocketAddress> secureAddresses = List.of();
    private RelayConfig config;
    private Credentials credentials;
    private boolean draining;

    private RelayServer(RelayConfig config, Credentials credentials, UdpDriver driver)
            throws IOException {
        this.config = config;
        this.credentials = credentials;
        nativeCalls = driver.isNative();
        dontFragment = driver.setsDontFragment();
        byte[] nonceKey = new byte[NONCE_KEY_BYTES];
        new SecureRandom().nextBytes(nonceKey);
        shared = new Shared(settings(), nonceKey, System.nanoTime());
        shared.own().machine(LocalAddresses.all());
        Tls tls = config.listeners().certificate();
        certificates = tls == null ? null : new TlsCertificates(tls);
        streams = new StreamLoop(shared, log, config.listeners().proxies());
    }

    /**
     * Binds all listeners and begins to serve.
     *
     * @throws IOException if an address cannot be bound; nothing then stays open
     */
    public static RelayServer start(RelayConfig config, Credentials credentials)
            throws IOException {
        boolean anyPort =
                Stream.concat(
                                config.listeners().plain().stream(),
                                config.listeners().secure().stream())
                        .anyMatch(address -> address.getPort() == 0);
        for (int attempt = 1; ; attempt++) {
            try {
                return startOnce(config, credentials);
            } catch (BindException e) {
                // A port that UDP got may be somebody's for TCP
                if (!anyPort || attempt == PORT_ATTEMPTS) throw e;
            }
        }
    }

    private static RelayServer startOnce(RelayConfig config, Credentials credentials)
            throws IOException {
        UdpDriver first = UdpDriver.open(config.threads().nativeAllowed());
        RelayServer server;
        try {
            server = new RelayServer(config, credentials, first);
        } catch (IOException | RuntimeException e) {
            first.close();
            throw e;
        }
        try {
            server.open(first);
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        return server;
    }

    private void open(UdpDriver first) throws IOException {
        int wanted = config.threads().loops();
        int count = wanted > 0 ? wanted : Runtime.getRuntime().availableProcessors();
        boolean portable = !first.isNative();
        if (portable) count = 1; // several sockets on one port are not to be had everywhere
        List<InetSocketAddress> addresses = config.listeners().plain();
        secureAddresses = certificates == null ? List.of() : config.listeners().secure();
        for (int i = 0; i < count; i++) {
            UdpDriver driver = i == 0 ? first : UdpDriver.open(true);
            List<UdpOptions> options = new ArrayList<>();
            for (InetSocketAddress address : addresses) options.add(options(address, count > 1));
            if (i == 0) // their port is known; the others take theirs from the first loop
            for (InetSocketAddress address : discoveryListeners())
                    options.add(options(address, count > 1));
            List<UdpOptions> secure = new ArrayList<>();
            for (InetSocketAddress address : secureAddresses)
                secure.add(options(address, count > 1));
            UdpLoop loop = openLoop("relay-" + i, driver, options, secure);
            if (i > 0) continue;
            // port 0 was chosen by the first loop: the others join it there
            addresses = bound(loop.addresses());
            secureAddresses = bound(loop.secureAddresses());
            for (TransportAddress address : loop.addresses()) shared.own().listener(address);
            for (TransportAddress address : loop.secureAddresses()) shared.own().listener(address);
        }
        addresses = addresses.subList(0, config.listeners().plain().size());
        openStreams(addresses);
        discover(addresses);
        for (UdpLoop loop : loops) loop.start();
        streams.start();
    }

    private static List<InetSocketAddress> bound(List<TransportAddress> addresses) {
        return addresses.stream().map(TransportAddress::inetSocketAddress).toList();
    }

    private List<InetSocketAddress> discoveryListeners() {
        int port = config.listeners().discoveryPort();
        if (port == 0) return List.of();
        return config.listeners().discoveryAddresses().stream()
                .map(it -> new InetSocketAddress(it.getAddress(), port))
                .toList();
    }

    private void discover(List<InetSocketAddress> bound) {
        List<InetSocketAddress> alternates = discoveryListeners();
        if (alternates.isEmpty()) return;
        List<TransportAddress> two =
                alternates.stream()
                        .flatMap(
                                it ->
                                        bound.stream()
                                                .filter(
                                                        at ->
                                                                at.getAddress()
                                                                        .equals(it.getAddress()))
                                                .limit(1))
                        .map(TransportAddress::of)
                        .toList();
        shared.discovery(new Discovery(two.get(0), two.get(1), config.listeners().discoveryPort()));
    }

    /** TCP on the ports of UDP, and TLS on those of DTLS. */
    private void openStreams(List<InetSocketAddress> addresses) throws IOException {
        for (InetSocketAddress address : addresses)
            if (!isServedBySix(address, addresses)) streams.listen(address, null);
        TlsCertificates tls = certificates;
        if (tls == null) return;
        for (InetSocketAddress address : secureAddresses)
            if (!isServedBySix(address, secureAddresses)) streams.listen(address, tls::engine);
    }

    /** TCP on the wildcard of IPv6 takes IPv4 too; both cannot be had side by side. */
    private static boolean isServedBySix(
            InetSocketAddress address, List<InetSocketAddress> addresses) {
        return isWildcard(address)
                && address.getAddress() instanceof Inet4Address
                && addresses.stream()
                        .anyMatch(
                                it ->
                                        isWildcard(it)
                                                && it.getAddress() instanceof Inet6Address
                                                && it.getPort() == address.getPort());
    }

    private static boolean isWildcard(InetSocketAddress address) {
        return address.getAddress().isAnyLocalAddress();
    }

    private UdpLoop openLoop(
            String name, UdpDriver driver, List<UdpOptions> plain, List<UdpOptions> secure)
            throws IOException {
        TlsCertificates tls = certificates;
        Supplier<SSLEngine> engines =
                () -> Objects.requireNonNull(tls, "no certificate").datagramEngine();
        try {
            var listen = new UdpLoop.Listen(plain, secure, engines);
            UdpLoop loop = new UdpLoop(name, driver, shared, listen, log);
            loops.add(loop);
            return loop;
        } catch (IOException | RuntimeException e) {
            driver.close();
            throw e;
        }
    }

    private static UdpOptions options(InetSocketAddress address, boolean reusePort) {
        return UdpOptions.on(address)
                .withReusePort(reusePort)
                .withPacketInfo(address.getAddress().isAnyLocalAddress());
    }

    private Settings settings() throws IOException {
        InetSocketAddress alternate = config.alternateServer();
        RelayConfig.Peers peers = config.peers();
        return new Settings(
                config.realm(),
                credentials,
                new PeerPolicy(peers.allow(), peers.deny(), peers.localForLocal()),
                config.limits(),
                relays(config),
                config.relayed().firstPort(),
                config.relayed().lastPort(),
                dontFragment,
                alternate == null ? null : TransportAddress.of(alternate),
                draining);
    }

    private static List<Settings.Relay> relays(RelayConfig config) throws IOException {
        Set<InetAddress> locals = new LinkedHashSet<>();
        for (InetSocketAddress address : config.listeners().plain()) {
            locals.addAll(LocalAddresses.relayable(address.getAddress()));
        }
        for (InetSocketAddress address : config.listeners().secure()) {
            locals.addAll(LocalAddresses.relayable(address.getAddress()));
        }
        List<Settings.Relay> relays = new ArrayList<>();
        for (InetAddress local : locals) {
            relays.add(
                    new Settings.Relay(
                            TransportAddress.of(local, 0),
                            TransportAddress.of(announced(config, local), 0)));
        }
        return relays;
    }

    private static InetAddress announced(RelayConfig config, InetAddress local) {
        boolean ipv4 = local instanceof Inet4Address;
        for (RelayConfig.External external : config.relayed().external()) {
            InetAddress of = external.local();
            boolean suits =
                    of == null
                            ? external.announced() instanceof Inet4Address == ipv4
                            : of.equals(local);
            if (suits) return external.announced();
        }
        return local;
    }

    /** Where UDP is served; ports that were asked for as 0 are filled in. */
    public List<InetSocketAddress> addresses() {
        return loops.getFirst().addresses().stream()
                .limit(config.listeners().plain().size())
                .map(TransportAddress::inetSocketAddress)
                .toList();
    }

    /** Where TLS is served, and DTLS on the same ports. */
    public List<InetSocketAddress> tlsAddresses() {
        return List.copyOf(secureAddresses);
    }

    /**
     * Serves a connection that somebody else accepted, as if it had come to a TCP listener.
     *
     * @param outlet the way back
     * @return the way in
     */
    public StreamInlet adopt(
            InetSocketAddress remote, InetSocketAddress local, StreamOutlet outlet) {
        return streams.adopt(TransportAddress.of(remote), TransportAddress.of(local), outlet);
    }

    /** Another socket of this machine that no client is ever to reach through the relay. */
    public void protect(InetSocketAddress listener) {
        shared.own().listener(TransportAddress.of(listener));
    }

    /**
     * The addresses that relayed addresses have, as clients are told. A client gets the one that it
     * talks to, or the first of the family.
     */
    public List<InetAddress> announced() {
        return shared.settings().relays().stream()
                .map(relay -> relay.announced().inetAddress())
                .distinct()
                .toList();
    }

    /** Whether the system's batched calls are used. */
    public boolean isNative() {
        return nativeCalls;
    }

    /**
     * Goes by a new configuration from the next request on; allocations stay. Listeners, loops and
     * the choice of driver are those of the start.
     */
    public synchronized void reload(RelayConfig newConfig, Credentials newCredentials)
            throws IOException {
        config = newConfig;
        credentials = newCredentials;
        shared.settings(settings(), System.nanoTime());
        shared.own().machine(LocalAddresses.all());
        reloadCertificates();
    }

    /**
     * Reads the certificate and key again if they have changed; new connections then use them.
     *
     * @return whether they had changed
     * @throws IOException if they cannot be used; the old ones then stay in use
     */
    public boolean reloadCertificates() throws IOException {
        TlsCertificates tls = certificates;
        return tls != null && tls.reload();
    }

    /** Refuses new allocations; those that exist go on. */
    public synchronized void drain() throws IOException {
        draining = true;
        shared.settings(settings(), System.nanoTime());
    }

    public RelayMetrics metrics() {
        Map<Counter, Long> sums = new EnumMap<>(Counter.class);
        long sendErrors = 0;
        int allocations = 0;
        int connections = streams.connections();
        for (UdpLoop loop : loops) {
            for (Counter counter : Counter.values()) {
                sums.merge(counter, loop.counters().value(counter), Long::sum);
            }
            sendErrors += loop.sendErrors();
            allocations += loop.allocations();
            connections += loop.secureClients();
        }
        for (Counter counter : Counter.values()) {
            sums.merge(counter, streams.counters().value(counter), Long::sum);
        }
        return new RelayMetrics(
                sums,
                allocations + streams.allocations(),
                shared.quotas().accounts(),
                connections,
                sendErrors + streams.sendErrors());
    }

    /** Ends all allocations and waits for the threads. */
    @Override
    public void close() {
        loops.forEach(UdpLoop::close);
        streams.close();
        shared.reservations().close();
    }
}
