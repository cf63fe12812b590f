package dev.peerline.net.udp;

import static dev.peerline.net.udp.LinuxStructs.INT;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * UDP through epoll, recvmmsg and sendmmsg, with GRO in and GSO out. One epoll set and one memory a
 * driver; nothing here makes an object a packet.
 */
final class LinuxUdpDriver implements UdpDriver {
    private static final int EVENTS = 64;
    private static final int SCRATCH_BYTES = 4 * MAX_SCRATCH_BYTES;

    /** Reads of one socket before the others get their turn. */
    private static final int MAX_ROUNDS = 4;

    /** {@code struct epoll_event} is packed on x86-64 alone. */
    private static final int EVENT_BYTES =
            System.getProperty("os.arch", "").equals("amd64") ? 12 : 16;

    private static final long WAKEUP = -1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment state = arena.allocate(LinuxCalls.stateLayout());
    private final MemorySegment small = arena.allocate(64, 8);
    private final MemorySegment wakeupValue = arena.allocate(8, 8);
    private final MemorySegment events = arena.allocate((long) EVENTS * EVENT_BYTES, 64);
    private final MemorySegment data =
            arena.allocate(LinuxReceiveRing.DATA_BYTES + SCRATCH_BYTES + 8L, 4096);
    private final ByteBuffer memory = data.asByteBuffer();
    private final LinuxReceiveRing ring = new LinuxReceiveRing(arena, data.address());
    private final LinuxSendQueue queue =
            new LinuxSendQueue(
                    arena,
                    state,
                    data.address(),
                    data.address() + LinuxReceiveRing.DATA_BYTES + SCRATCH_BYTES);
    private final UdpDatagram outgoing = new UdpDatagram();
    private final UdpReceived received = new UdpReceived();
    private final int epoll;
    private final int wakeup;

    private @Nullable LinuxUdpSocket[] sockets = new LinuxUdpSocket[64];
    private int[] generations = new int[64];
    private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>();
    private int slotCount;
    private int scratchUsed;
    private boolean closed;

    LinuxUdpDriver() throws IOException {
        epoll = LinuxCalls.epollCreate(state);
        wakeup = LinuxCalls.eventfd(state);
        if (epoll < 0 || wakeup < 0) {
            closeFds();
            arena.close();
            throw new IOException("epoll or eventfd refused, errno " + -Math.min(epoll, wakeup));
        }
        wakeupValue.set(LinuxStructs.LONG, 0, 1);
        watch(wakeup, WAKEUP);
    }

    static boolean isSupported() {
        return Support.SUPPORTED;
    }

    /** Found out once: whether all functions are there and a driver opens. */
    private static final class Support {
        private static final boolean SUPPORTED = probe();

        private static boolean probe() {
            String arch = System.getProperty("os.arch", "");
            boolean known = arch.equals("amd64") || arch.equals("aarch64");
            if (!known || !System.getProperty("os.name", "").equals("Linux")) return false;
            try {
                new LinuxUdpDriver().close();
                return true;
            } catch (IOException | LinkageError | IllegalCallerException e) {
                return false; // a kernel, libc or JVM that does not let us: NIO does
            }
        }
    }

    @Override
    public ByteBuffer memory() {
        return memory;
    }

    @Override
    public int scratch(int bytes) {
        int rounded = bytes + 3 & ~3;
        if (rounded > MAX_SCRATCH_BYTES) {
            throw new IllegalArgumentException(
                    "bytes: at most " + MAX_SCRATCH_BYTES + ": " + bytes);
        }
        if (scratchUsed + rounded > SCRATCH_BYTES) {
            queue.flush();
            scratchUsed = 0;
        }
        int at = LinuxReceiveRing.DATA_BYTES + scratchUsed;
        scratchUsed += rounded;
        return at;
    }

    @Override
    public UdpDatagram outgoing() {
        return outgoing;
    }

    @Override
    public UdpSocket bind(UdpOptions options) throws IOException {
        TransportAddress local = TransportAddress.of(options.local());
        boolean ipv4 = local.isIpv4();
        int family = ipv4 ? LinuxCalls.AF_INET : LinuxCalls.AF_INET6;
        int fd = LinuxCalls.socket(state, family, LinuxCalls.SOCK_DGRAM_NONBLOCK_CLOEXEC);
        if (fd < 0) throw new SocketException("socket refused, errno " + -fd);
        setOptions(fd, ipv4, options);
        int length = LinuxStructs.putAddress(small, 0, new MutableAddress().set(local));
        int bound = LinuxCalls.bind(state, fd, small.address(), length);
        if (bound < 0) {
            LinuxCalls.close(state, fd);
            throw new BindException(
                    "Port %d on %s (UDP): %s"
                            .formatted(
                                    local.port(),
                                    TransportAddress.hostText(local.high(), local.low()),
                                    bindError(-bound)));
        }
        return register(fd, local.port() == 0 ? boundAddress(fd) : local, options.packetInfo());
    }

    private static String bindError(int errno) {
        return switch (errno) {
            case 13 -> "Permission denied";
            case 98 -> "Address already in use";
            case 99 -> "Not an address of this machine";
            default -> "errno " + errno;
        };
    }

    private TransportAddress boundAddress(int fd) {
        small.set(INT, 40, LinuxStructs.SOCKADDR_BYTES);
        LinuxCalls.getsockname(state, fd, small.address(), small.address() + 40);
        MutableAddress address = new MutableAddress();
        LinuxStructs.getAddress(small, 0, address);
        return address.toAddress();
    }

    private LinuxUdpSocket register(int fd, TransportAddress local, boolean packetInfo)
            throws IOException {
        Integer free = freeSlots.poll();
        int slot = free != null ? free : slotCount++;
        if (slot == sockets.length) {
            sockets = Arrays.copyOf(sockets, 2 * slot);
            generations = Arrays.copyOf(generations, 2 * slot);
        }
        int generation = generations[slot] + 1 & Integer.MAX_VALUE;
        generations[slot] = generation;
        long place = (long) generation << 32 | slot;
        LinuxUdpSocket socket = new LinuxUdpSocket(this, fd, place, packetInfo, local);
        sockets[slot] = socket;
        watch(fd, place);
        return socket;
    }

    private void watch(int fd, long place) throws IOException {
        small.set(INT, 0, LinuxCalls.EPOLLIN);
        small.set(LinuxStructs.LONG, EVENT_BYTES - 8L, place);
        int result =
                LinuxCalls.epollCtl(state, epoll, LinuxCalls.EPOLL_CTL_ADD, fd, small.address());
        if (result < 0) throw new SocketException("epoll_ctl refused, errno " + -result);
    }

    private void setOptions(int fd, boolean ipv4, UdpOptions options) {
        option(fd, LinuxCalls.SOL_UDP, LinuxCalls.UDP_GRO, 1);
        int bytes = options.bufferBytes();
        // beyond rmem_max only for root
        if (option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_RCVBUFFORCE, bytes) < 0) {
            option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_RCVBUF, bytes);
        }
        if (option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_SNDBUFFORCE, bytes) < 0) {
            option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_SNDBUF, bytes);
        }
        if (options.reusePort()) option(fd, LinuxCalls.SOL_SOCKET, LinuxCalls.SO_REUSEPORT, 1);
        int level = ipv4 ? LinuxCalls.SOL_IP : LinuxCalls.SOL_IPV6;
        if (!ipv4) option(fd, level, LinuxCalls.IPV6_V6ONLY, 1);
        if (options.packetInfo()) {
            option(fd, level, ipv4 ? LinuxCalls.IP_PKTINFO : LinuxCalls.IPV6_RECVPKTINFO, 1);
        }
        if (options.reportErrors()) {
            option(fd, level, ipv4 ? LinuxCalls.IP_RECVERR : LinuxCalls.IPV6_RECVERR, 1);
        }
        discoverMtu(fd, ipv4, LinuxCalls.PMTUDISC_DONT);
    }

    private void discoverMtu(int fd, boolean ipv4, int how) {
        if (ipv4) option(fd, LinuxCalls.SOL_IP, LinuxCalls.IP_MTU_DISCOVER, how);
        else option(fd, LinuxCalls.SOL_IPV6, LinuxCalls.IPV6_MTU_DISCOVER, how);
    }

    int option(int fd, int level, int name, int value) {
        small.set(INT, 0, value);
        return LinuxCalls.setsockopt(state, fd, level, name, small.address(), 4);
    }

    void send(LinuxUdpSocket socket, UdpDatagram datagram, MutableAddress to, MutableAddress from) {
        if (!datagram.dontFragment()) {
            queue.add(socket, datagram, to, from);
            return;
        }
        // DF is a property of the socket: it must hold for this datagram alone
        boolean ipv4 = socket.localAddress().isIpv4();
        queue.flush();
        discoverMtu(socket.fd, ipv4, LinuxCalls.PMTUDISC_DO);
        queue.add(socket, datagram, to, from);
        if (queue.flush() == LinuxCalls.EMSGSIZE) socket.tooBigFor = to.toAddress();
        discoverMtu(socket.fd, ipv4, LinuxCalls.PMTUDISC_DONT);
    }

    /** Forgets the socket, which stays open. */
    void release(LinuxUdpSocket socket) {
        if (sockets[socket.slot] != socket) throw new IllegalStateException("socket: closed");
        queue.flush();
        sockets[socket.slot] = null;
        freeSlots.push(socket.slot);
        LinuxCalls.epollCtl(state, epoll, LinuxCalls.EPOLL_CTL_DEL, socket.fd, small.address());
    }

    static void closeDetached(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            LinuxCalls.close(arena.allocate(LinuxCalls.stateLayout()), fd);
        }
    }

    @Override
    public UdpSocket attach(UdpSocket.Detached detached) throws IOException {
        if (!(detached instanceof LinuxUdpSocket.DetachedSocket it)) {
            throw new IllegalArgumentException("detached: not of a driver of this kind");
        }
        try {
            return register(it.fd(), it.local(), it.packetInfo());
        } catch (IOException e) {
            it.close();
            throw e;
        }
    }

    @Override
    public boolean attaches(UdpSocket.Detached detached) {
        return detached instanceof LinuxUdpSocket.DetachedSocket;
    }

    void close(LinuxUdpSocket socket) {
        if (sockets[socket.slot] != socket) return; // closed before
        queue.flush();
        sockets[socket.slot] = null;
        freeSlots.push(socket.slot);
        LinuxCalls.close(state, socket.fd);
    }

    @Override
    public void poll(UdpReceiver receiver, long timeoutNanos) throws IOException {
        flush();
        int millis = (int) Math.min(Integer.MAX_VALUE, (timeoutNanos + 999_999) / 1_000_000);
        int count = LinuxCalls.epollWait(state, epoll, events.address(), EVENTS, millis);
        if (count < 0 && count != -LinuxCalls.EINTR) {
            throw new IOException("epoll_wait failed, errno " + -count);
        }
        for (int i = 0; i < count; i++) {
            long event = (long) i * EVENT_BYTES;
            long place = events.get(LinuxStructs.LONG, event + EVENT_BYTES - 8);
            if (place == WAKEUP) {
                LinuxCalls.read8(wakeup, small.address());
                continue;
            }
            LinuxUdpSocket socket = sockets[(int) place];
            if (socket == null || socket.generation != (int) (place >>> 32)) continue;
            int ready = events.get(INT, event);
            if ((ready & LinuxCalls.EPOLLERR) != 0) readErrors(socket, receiver);
            if ((ready & LinuxCalls.EPOLLIN) != 0) read(socket, receiver);
        }
        flush();
    }

    private void read(LinuxUdpSocket socket, UdpReceiver receiver) {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            if (sockets[socket.slot] != socket) return; // the receiver closed it
            if (ring.free() < socket.expected) flush();
            int wanted = socket.expected;
            int count = ring.receive(state, socket.fd, wanted, 0);
            for (int i = 0; i < count; i++) {
                ring.describe(ring.take(), received);
                receiver.received(socket, received);
            }
            // A socket that had more than was asked for is asked for more next time.
            socket.expected =
                    count == wanted
                            ? Math.min(LinuxReceiveRing.SLOTS, 2 * wanted)
                            : Math.max(1, count + 1);
            if (count < wanted || wanted == 1) return;
        }
    }

    private void readErrors(LinuxUdpSocket socket, UdpReceiver receiver) {
        for (int i = 0; i < LinuxReceiveRing.SLOTS; i++) {
            if (sockets[socket.slot] != socket) return;
            if (ring.free() < 1) flush();
            if (ring.receive(state, socket.fd, 1, LinuxCalls.MSG_ERRQUEUE) <= 0) return;
            ring.error(ring.take(), socket, receiver, received);
        }
    }

    @Override
    public void flush() {
        queue.flush();
        ring.clear();
        scratchUsed = 0;
    }

    @Override
    public void wakeup() {
        LinuxCalls.write8(wakeup, wakeupValue.address());
    }

    @Override
    public boolean isNative() {
        return true;
    }

    @Override
    public boolean setsDontFragment() {
        return true;
    }

    @Override
    public long sendErrors() {
        return queue.errors();
    }

    @Override
    public void close() {
        if (closed) return;
        closed = true;
        queue.flush();
        for (LinuxUdpSocket socket : sockets)
            if (socket != null) LinuxCalls.close(state, socket.fd);
        closeFds();
        arena.close();
    }

    private void closeFds() {
        if (epoll >= 0) LinuxCalls.close(state, epoll);
        if (wakeup >= 0) LinuxCalls.close(state, wakeup);
    }
}
