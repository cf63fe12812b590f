package dev.peerline.turn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.policy.AddressRange;
import dev.peerline.turn.policy.PeerPolicy;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A relay without sockets, in virtual time: datagrams go in, and what comes out is kept. */
class SimulatedRelay implements Ground {
    static final TransportAddress LISTENER = address("198.51.100.1", 3478);
    static final TransportAddress RELAY = address("198.51.100.1", 0);
    static final TransportAddress RELAY6 = address("2001:db8::1", 0);
    static final String REALM = "peerline";
    static final String NAME = "ada";
    static final String PASSWORD = "secret";
    private static final int ROOM = 1 << 18;

    /** Something that was sent. */
    static final class Sent {
        final TransportAddress to;
        final byte[] bytes;
        final @Nullable RelayPort from;
        final boolean dontFragment;

        Sent(TransportAddress to, byte[] bytes, @Nullable RelayPort from, boolean dontFragment) {
            this.to = to;
            this.bytes = bytes;
            this.from = from;
            this.dontFragment = dontFragment;
        }

        StunReader stun() {
            StunReader reader = new StunReader();
            assertEquals(StunParse.OK, reader.parse(ByteBuffer.wrap(bytes), 0, bytes.length));
            return reader;
        }

        int errorCode() {
            return stun().errorCode();
        }
    }

    final class SimulatedPort extends RelayPort {
        SimulatedPort(TransportAddress local, TransportAddress relayed) {
            super(local, relayed);
        }

        @Override
        public void close() {
            ports.remove(local());
        }
    }

    record KnownClient(TransportAddress remote, TransportAddress local) implements Client {
        @Override
        public boolean isReliable() {
            return false;
        }
    }

    private final class TestSender implements TurnServer.Sender {
        private final MutableAddress remote;
        private final MutableAddress local = new MutableAddress().set(LISTENER);

        TestSender(TransportAddress from) {
            remote = new MutableAddress().set(from);
        }

        @Override
        public MutableAddress remote() {
            return remote;
        }

        @Override
        public MutableAddress local() {
            return local;
        }

        @Override
        public Client toClient() {
            clientsMade++;
            return new KnownClient(remote.toAddress(), local.toAddress());
        }
    }

    private final ByteBuffer memory = ByteBuffer.allocate(2 * ROOM);
    private final UdpDatagram outgoing = new UdpDatagram();
    private int scratch;
    final ArrayDeque<Sent> toClients = new ArrayDeque<>();
    final ArrayDeque<Sent> toPeers = new ArrayDeque<>();
    final Map<TransportAddress, SimulatedPort> ports = new HashMap<>();

    /** Bound, and on no loop. */
    final Set<TransportAddress> detached = new HashSet<>();

    final List<Note> notes = new ArrayList<>();
    final Counters counters = new Counters();
    final Shared shared;
    final TurnServer server;
    @Nullable TransportAddress answeredBy;
    final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
    boolean movable = true;
    boolean attaching = true;
    int clientsMade;
    long nowNanos = Long.MAX_VALUE - 5_000_000_000L; // nanoTime may wrap at any moment
    long epochSeconds = 1_800_000_000;

    SimulatedRelay() {
        this(settings());
    }

    SimulatedRelay(Settings settings) {
        this(new Shared(settings, new byte[32], Long.MAX_VALUE - 5_000_000_000L), 42);
        shared.own().listener(LISTENER);
    }

    /** One more loop of a relay. */
    SimulatedRelay(Shared shared, long seed) {
        this.shared = shared;
        SplittableRandom random = new SplittableRandom(seed);
        server = new TurnServer(shared, this, random, counters, nowNanos);
        advance(0);
    }

    static TransportAddress address(String host, int port) {
        return TransportAddress.of(InetAddress.ofLiteral(host), port);
    }

    static Settings settings() {
        return settings(StaticUsers.parse(List.of(NAME + ":" + PASSWORD, "bob:other")));
    }

    static Settings settings(Credentials credentials) {
        return new Settings(
                REALM,
                credentials,
                new PeerPolicy(List.of(), List.of()),
                Limits.DEFAULT,
                List.of(new Settings.Relay(RELAY, RELAY), new Settings.Relay(RELAY6, RELAY6)),
                50_000,
                50_099,
                true,
                null,
                false);
    }

    static Settings with(Settings it, Limits limits) {
        return new Settings(
                it.realm(),
                it.credentials(),
                it.policy(),
                limits,
                it.relays(),
                it.firstPort(),
                it.lastPort(),
                it.dontFragment(),
                it.alternateServer(),
                it.draining());
    }

    static Settings with(Settings it, List<String> allow, List<String> deny) {
        PeerPolicy policy =
                new PeerPolicy(
                        allow.stream().map(AddressRange::parse).toList(),
                        deny.stream().map(AddressRange::parse).toList());
        return new Settings(
                it.realm(),
                it.credentials(),
                policy,
                it.limits(),
                it.relays(),
                it.firstPort(),
                it.lastPort(),
                it.dontFragment(),
                it.alternateServer(),
                it.draining());
    }

    static Settings withoutDontFragment(Settings it) {
        return new Settings(
                it.realm(),
                it.credentials(),
                it.policy(),
                it.limits(),
                it.relays(),
                it.firstPort(),
                it.lastPort(),
                false,
                it.alternateServer(),
                it.draining());
    }

    static Settings with(Settings it, List<Settings.Relay> relays, int firstPort, int lastPort) {
        return new Settings(
                it.realm(),
                it.credentials(),
                it.policy(),
                it.limits(),
                relays,
                firstPort,
                lastPort,
                it.dontFragment(),
                it.alternateServer(),
                it.draining());
    }

    void advance(long seconds) {
        nowNanos += seconds * 1_000_000_000L;
        epochSeconds += seconds;
        server.advance(nowNanos, epochSeconds);
    }

    /** Lets datagrams of one length arrive at the listener, side by side. */
    void fromClient(TransportAddress from, byte[]... datagrams) {
        int length = put(datagrams);
        server.datagrams(new TestSender(from), 0, length, Math.max(1, datagrams[0].length));
    }

    void fromPeer(RelayPort port, TransportAddress from, byte[]... datagrams) {
        int length = put(datagrams);
        server.fromPeer(port, new MutableAddress().set(from), 0, length, datagrams[0].length);
    }

    final int put(byte[]... datagrams) {
        scratch = 0;
        int at = 0;
        for (byte[] datagram : datagrams) {
            memory.put(at, datagram);
            at += datagram.length;
        }
        memory.put(at, new byte[] {0x55, 0x55, 0x55, 0x55}); // what padding must not leak
        return at;
    }

    Sent lastToClient() {
        Sent last = toClients.pollLast();
        if (last == null) throw new AssertionError("nothing was sent to a client");
        return last;
    }

    Sent lastToPeer() {
        Sent last = toPeers.pollLast();
        if (last == null) throw new AssertionError("nothing was sent to a peer");
        return last;
    }

    @Override
    public ByteBuffer memory() {
        return memory;
    }

    @Override
    public int scratch(int bytes) {
        int at = ROOM + scratch;
        scratch = (scratch + bytes + 3 & ~3) % (ROOM / 2);
        Arrays.fill(memory.array(), at, at + bytes, (byte) 0x55);
        return at;
    }

    @Override
    public UdpDatagram outgoing() {
        return outgoing;
    }

    private byte[] gather(UdpDatagram datagram) {
        byte[] bytes = new byte[datagram.length()];
        memory.get(datagram.headOffset(), bytes, 0, datagram.headBytes());
        memory.get(datagram.bodyOffset(), bytes, datagram.headBytes(), datagram.bodyBytes());
        return bytes;
    }

    @Override
    public void toClient(Client client, UdpDatagram datagram) {
        toClients.add(new Sent(client.remote(), gather(datagram), null, false));
    }

    @Override
    public void toClientFrom(TransportAddress listener, Client client, UdpDatagram datagram) {
        answeredBy = listener;
        toClient(client, datagram);
    }

    @Override
    public void toPeer(RelayPort port, UdpDatagram datagram, MutableAddress peer) {
        boolean df = datagram.dontFragment();
        toPeers.add(new Sent(peer.toAddress(), gather(datagram), port, df));
    }

    @Override
    public @Nullable RelayPort bind(Settings.Relay relay, int port) {
        TransportAddress local = relay.local().withPort(port);
        if (ports.containsKey(local) || detached.contains(local)) return null;
        SimulatedPort bound = new SimulatedPort(local, relay.announced().withPort(port));
        ports.put(local, bound);
        return bound;
    }

    @Override
    public @Nullable RelayPort listen(Settings.Relay relay, int port) {
        return null;
    }

    @Override
    public void connect(RelayPort port, PeerConnection connection, TransportAddress peer) {
        throw new AssertionError("no TCP relay port was made");
    }

    @Override
    public void join(StreamClient client, PeerConnection connection) {
        throw new AssertionError("no TCP relay port was made");
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public UdpSocket.@Nullable Detached detach(RelayPort port) {
        if (!movable) return null;
        ports.remove(port.local());
        detached.add(port.local());
        return () -> detached.remove(port.local());
    }

    @Override
    public boolean attaches(UdpSocket.Detached socket) {
        return attaching;
    }

    @Override
    public RelayPort attach(RelayPort port, UdpSocket.Detached socket) {
        socket.close();
        SimulatedPort moved = new SimulatedPort(port.local(), port.relayed());
        ports.put(port.local(), moved);
        return moved;
    }

    @Override
    public void note(Note note) {
        notes.add(note);
    }

    /** A request of {@code method} with what {@code body} adds, not signed. */
    static byte[] message(int type, Consumer<StunWriter> body) {
        ByteBuffer buffer = ByteBuffer.allocate(66_000);
        StunWriter writer = new StunWriter().begin(buffer, 0, type, 0x01020304, 0x0506070809L);
        body.accept(writer);
        return Arrays.copyOf(buffer.array(), writer.length());
    }

    static byte[] request(int method, Consumer<StunWriter> body) {
        return message(StunType.of(method, StunType.REQUEST), body);
    }
}
