package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.CheckMessages.TransactionId;
import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.net.udp.UdpReceived;
import dev.peerline.net.udp.UdpSocket;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The sockets of a port, and who gets what arrives there (RFC 7983): STUN requests by the username
 * of the session they are for, answers by their transaction, everything else by its source. What is
 * not authenticated goes no further. All but the public methods belongs to the loop's thread.
 */
final class SharedPort implements IcePort {
    private static final Logger LOG = System.getLogger(SharedPort.class.getName());

    /** RFC 7983 §7: the first byte of STUN is 0 to 3. */
    private static final int FIRST_NOT_STUN = 4;

    private static final int ATTEMPTS = 16;

    /** Requests of ours that wait for an answer; beyond it they are not waited for. */
    private static final int MAX_TRANSACTIONS = 1 << 18;

    private final IceLoop loop;
    private final boolean ownsLoop;
    private final List<HostEnd> hosts = new CopyOnWriteArrayList<>();
    private final List<TcpPassive> listeners = new CopyOnWriteArrayList<>();
    private final IcePortOptions options;
    private final Map<String, Generation> byUsername = new HashMap<>();
    private final Map<TransactionId, Answer> transactions = new HashMap<>();
    private final Set<PortSession> sessions = ConcurrentHashMap.newKeySet();
    private final StunReader reader = new StunReader();
    private final CheckMessages messages = new CheckMessages();
    private final ByteBuffer view;
    private final Reflexive reflexive = new Reflexive(this);
    private final MdnsQuery mdns;
    private volatile int portNumber;
    private volatile boolean closed;

    /** What becomes of the answer to a request of ours. */
    interface Answer {
        void answered(StunReader answer, LocalEnd at, TransportAddress from);
    }

    private SharedPort(IcePortOptions options, IceLoop loop, boolean ownsLoop) {
        this.loop = loop;
        this.ownsLoop = ownsLoop;
        this.options = options;
        view = loop.driver().memory().duplicate();
        mdns = new MdnsQuery(loop, MdnsQuery.GROUP);
    }

    static SharedPort open(IcePortOptions options, IceLoop loop, boolean ownsLoop)
            throws IOException {
        Checks.warmUp();
        List<InetAddress> addresses = LocalAddresses.of(options);
        SharedPort port = new SharedPort(options, loop, ownsLoop);
        for (int attempt = 0; ; attempt++) {
            try {
                port.bind(addresses, candidatePort(options, attempt));
                loop.execute(() -> port.listeners.forEach(TcpPassive::start));
                return port;
            } catch (BindException e) {
                int range = options.lastPort() - options.firstPort() + 1;
                int attempts = options.firstPort() == 0 ? ATTEMPTS : range;
                if (attempt + 1 >= attempts) throw e;
            }
        }
    }

    private static int candidatePort(IcePortOptions options, int attempt) {
        if (options.firstPort() == 0) return 0;
        int range = options.lastPort() - options.firstPort() + 1;
        // with one port there is one order; with many, two processes should not fight over the
        // first
        int start = range == 1 ? 0 : ThreadLocalRandom.current().nextInt(range);
        return options.firstPort() + (start + attempt) % range;
    }

    private void bind(List<InetAddress> addresses, int wanted) throws IOException {
        int port = wanted;
        try {
            for (int i = 0; i < addresses.size(); i++) {
                InetSocketAddress local = new InetSocketAddress(addresses.get(i), port);
                UdpSocket socket = loop.bind(UdpOptions.on(local), this::received);
                hosts.add(new HostEnd(loop.driver(), socket, 0xffff - i));
                port = socket.localAddress().port();
            }
            portNumber = port;
            if (options.tcp().passive()) listen(addresses);
        } catch (IOException e) {
            List<HostEnd> bound = List.copyOf(hosts);
            List<TcpPassive> listening = List.copyOf(listeners);
            hosts.clear();
            listeners.clear();
            loop.execute(
                    () -> {
                        bound.forEach(HostEnd::close);
                        listening.forEach(TcpPassive::close);
                    });
            throw e;
        }
    }

    private void listen(List<InetAddress> addresses) throws IOException {
        for (int i = 0; i < addresses.size(); i++) listeners.add(listener(addresses.get(i), i));
    }

    private TcpPassive listener(InetAddress address, int place) throws IOException {
        int wanted = options.tcp().port();
        int number = wanted == 0 ? portNumber : wanted;
        InetSocketAddress local = new InetSocketAddress(address, number);
        int preference = CandidatePriority.MAX_TCP_OTHER - place;
        return TcpPassive.bind(this, options.tcp(), local, preference);
    }

    /** Looks which addresses the machine has now, binds new ones, and lets go of those not used. */
    void refresh(Runnable then) {
        Thread.ofVirtual()
                .name("peerline-ice-addresses")
                .start(
                        () -> {
                            List<InetAddress> now = addressesNow();
                            loop.execute(
                                    () -> {
                                        if (!closed && !now.isEmpty()) rebind(now);
                                        then.run();
                                    });
                        });
    }

    private List<InetAddress> addressesNow() {
        try {
            return LocalAddresses.of(options);
        } catch (IOException _) {
            return List.of(); // none, for now
        }
    }

    private void rebind(List<InetAddress> now) {
        for (HostEnd host : List.copyOf(hosts)) {
            host.gone(!now.contains(host.address().inetAddress()));
            if (host.isGone() && host.isIdle() && hosts.remove(host)) host.close();
        }
        for (TcpPassive each : List.copyOf(listeners)) {
            boolean gone = !now.contains(each.address().inetAddress());
            if (gone && each.isIdle() && listeners.remove(each)) each.close();
        }
        for (int i = 0; i < now.size(); i++) rebind(now.get(i), i);
    }

    /** Where the number is taken there, that address is done without. */
    private void rebind(InetAddress address, int place) {
        try {
            if (isUnbound(hosts, address)) {
                UdpOptions at = UdpOptions.on(new InetSocketAddress(address, portNumber));
                UdpSocket socket = loop.bind(at, this::received);
                hosts.add(new HostEnd(loop.driver(), socket, 0xffff - place));
            }
            if (options.tcp().passive() && isUnbound(listeners, address)) {
                TcpPassive each = listener(address, place);
                listeners.add(each);
                each.start();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "event=ice-address-not-bound reason=\"" + e.getMessage() + "\"");
        }
    }

    private static boolean isUnbound(List<? extends LocalEnd> ends, InetAddress address) {
        return ends.stream().noneMatch(end -> end.address().inetAddress().equals(address));
    }

    @Override
    public IceSession session(IceOptions options, IceListener listener) {
        if (closed) throw new IllegalStateException("port: closed");
        PortSession session = new PortSession(this, options, listener);
        sessions.add(session);
        return session;
    }

    @Override
    public List<InetSocketAddress> localAddresses() {
        return hosts.stream().map(host -> host.address().inetSocketAddress()).toList();
    }

    @Override
    public int sessionCount() {
        return sessions.size();
    }

    @Override
    public IceLoop loop() {
        return loop;
    }

    List<HostEnd> hosts() {
        return hosts;
    }

    /** Who listens for TCP, if that was asked for. */
    List<TcpPassive> listeners() {
        return listeners;
    }

    /** Whether sessions connect to TCP candidates. */
    boolean dials() {
        return options.tcp().active();
    }

    CheckMessages messages() {
        return messages;
    }

    Reflexive reflexive() {
        return reflexive;
    }

    MdnsQuery mdns() {
        return mdns;
    }

    // --- who gets what --------------------------------------------------------------------------

    void add(Generation generation) {
        byUsername.put(generation.local().usernameFragment(), generation);
    }

    void remove(Generation generation) {
        byUsername.remove(generation.local().usernameFragment(), generation);
    }

    void remove(PortSession session) {
        sessions.remove(session);
    }

    /** Notes who waits for the answer to a request. */
    void expect(TransactionId id, Answer answer) {
        if (transactions.size() < MAX_TRANSACTIONS) transactions.put(id, answer);
    }

    void forget(TransactionId id) {
        transactions.remove(id);
    }

    private @Nullable HostEnd host(UdpSocket socket) {
        for (HostEnd host : hosts) if (host.address().equals(socket.localAddress())) return host;
        return null;
    }

    private void received(UdpSocket socket, UdpReceived run) {
        HostEnd host = host(socket);
        if (host == null || run.length() == 0) return;
        int end = run.offset() + run.length();
        for (int at = run.offset(); at < end; at += run.segmentBytes()) {
            int bytes = Math.min(run.segmentBytes(), end - at);
            datagram(host, run.source(), view.limit(at + bytes).position(at));
        }
    }

    /** For tests: as if it had come from there. */
    void datagram(HostEnd host, TransportAddress from, ByteBuffer packet) {
        datagram(host, new MutableAddress().set(from), packet);
    }

    private void datagram(HostEnd host, MutableAddress from, ByteBuffer packet) {
        if (isStun(packet)) {
            stun(host, from.toAddress(), packet, null);
            return;
        }
        PortSession session = host.owner(from);
        if (session != null) session.data(host, from, packet);
    }

    static boolean isStun(ByteBuffer packet) {
        return Byte.toUnsignedInt(packet.get(packet.position())) < FIRST_NOT_STUN;
    }

    /**
     * Takes a STUN message.
     *
     * @param only the one session it may be for, null when it may be for any
     */
    void stun(LocalEnd at, TransportAddress from, ByteBuffer packet, @Nullable PortSession only) {
        if (!isBinding(packet)) return;
        switch (reader.messageClass()) {
            case StunType.REQUEST -> request(at, from, only);
            case StunType.SUCCESS, StunType.ERROR -> {
                Answer answer = transactions.get(TransactionId.of(reader));
                if (answer != null) answer.answered(reader, at, from);
            }
            default -> {
                // an indication keeps a NAT's binding alive, and asks for nothing
            }
        }
    }

    private boolean isBinding(ByteBuffer packet) {
        int bytes = packet.remaining();
        return reader.parse(packet, packet.position(), bytes) == StunParse.OK
                && reader.method() == StunType.BINDING;
    }

    private void request(LocalEnd at, TransportAddress from, @Nullable PortSession only) {
        Generation generation = addressed();
        if (generation == null || (only != null && generation.session() != only)) return;
        String username = reader.text(reader.find(StunAttribute.USERNAME));
        String remoteFragment = username.substring(username.indexOf(':') + 1);
        generation.request(remoteFragment, new Request(reader, at, from));
    }

    /** Whom the request in the reader names and was made for, by somebody with its password. */
    private @Nullable Generation addressed() {
        int index = reader.find(StunAttribute.USERNAME);
        if (index < 0) return null;
        String username = reader.text(index);
        int colon = username.indexOf(':');
        if (colon < 0) return null;
        Generation generation = byUsername.get(username.substring(0, colon));
        if (generation == null) return null;
        return messages.isBy(generation.local().password(), reader) ? generation : null;
    }

    /** Whose this packet is if it is a check that is authenticated; else null. */
    @Nullable PortSession addressee(ByteBuffer packet) {
        if (!isStun(packet) || !isBinding(packet)) return null;
        Generation to = reader.messageClass() == StunType.REQUEST ? addressed() : null;
        return to == null ? null : to.session();
    }

    /** A request whose sender knows our password. */
    record Request(StunReader message, LocalEnd at, TransportAddress from) {
        byte[] copy() {
            return SharedPort.copy(message);
        }
    }

    static byte[] copy(StunReader message) {
        byte[] bytes = new byte[message.length()];
        message.buffer().get(message.offset(), bytes);
        return bytes;
    }

    @Override
    public void close() {
        closed = true;
        sessions.forEach(PortSession::close);
        loop.execute(
                () -> {
                    hosts.forEach(HostEnd::close);
                    listeners.forEach(TcpPassive::close);
                    reflexive.close();
                    mdns.close();
                });
        if (ownsLoop) loop.close();
    }
}
