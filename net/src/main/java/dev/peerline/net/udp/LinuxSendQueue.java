package dev.peerline.net.udp;

import static dev.peerline.net.udp.LinuxStructs.INT;
import static dev.peerline.net.udp.LinuxStructs.IOVEC_BYTES;
import static dev.peerline.net.udp.LinuxStructs.LONG;
import static dev.peerline.net.udp.LinuxStructs.MMSGHDR_BYTES;
import static dev.peerline.net.udp.LinuxStructs.MSG_CONTROL;
import static dev.peerline.net.udp.LinuxStructs.MSG_CONTROLLEN;
import static dev.peerline.net.udp.LinuxStructs.MSG_IOV;
import static dev.peerline.net.udp.LinuxStructs.MSG_IOVLEN;
import static dev.peerline.net.udp.LinuxStructs.MSG_NAME;
import static dev.peerline.net.udp.LinuxStructs.MSG_NAMELEN;
import static dev.peerline.net.udp.LinuxStructs.SHORT;
import static dev.peerline.net.udp.LinuxStructs.SOCKADDR_BYTES;

import dev.peerline.net.MutableAddress;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Datagrams of one socket on their way into one sendmmsg. Datagrams of one length to one address
 * become one message with UDP_SEGMENT, whatever pieces they are made of. Not thread-safe.
 */
final class LinuxSendQueue {
    private static final int MESSAGES = 64;
    private static final int VECTORS = 1024; // UIO_MAXIOV

    /** UDP_MAX_SEGMENTS of kernels before 6.9, and what an IP packet holds. */
    private static final int MAX_SEGMENTS = 64;

    private static final int MAX_RUN_BYTES = 65_000;
    private static final int CONTROL_BYTES = 64;

    private final MemorySegment state;
    private final long dataAddress;
    private final long zerosAddress;
    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment controls;
    private final MemorySegment vectors;
    private final MutableAddress to = new MutableAddress();
    private final MutableAddress from = new MutableAddress();

    private final int[] segmentBytes = new int[MESSAGES];
    private final int[] segments = new int[MESSAGES];
    private @Nullable LinuxUdpSocket socket;
    private int messages;
    private int vectorCount;
    private int runBytes;
    private boolean runOpen; // the last message may get further segments
    private long errors;

    LinuxSendQueue(Arena arena, MemorySegment state, long dataAddress, long zerosAddress) {
        this.state = state;
        this.dataAddress = dataAddress;
        this.zerosAddress = zerosAddress;
        headers = arena.allocate((long) MESSAGES * MMSGHDR_BYTES, 64);
        names = arena.allocate((long) MESSAGES * SOCKADDR_BYTES, 64);
        controls = arena.allocate((long) MESSAGES * CONTROL_BYTES, 64);
        vectors = arena.allocate((long) VECTORS * IOVEC_BYTES, 64);
        for (int i = 0; i < MESSAGES; i++) {
            long header = (long) i * MMSGHDR_BYTES;
            headers.set(LONG, header + MSG_NAME, names.address() + (long) i * SOCKADDR_BYTES);
        }
    }

    long errors() {
        return errors;
    }

    void add(
            LinuxUdpSocket sender,
            UdpDatagram datagram,
            MutableAddress target,
            MutableAddress source) {
        if (sender != socket) {
            flush();
            socket = sender;
        }
        if (vectorCount + 3 > VECTORS) flush();
        int length = datagram.length();
        if (!joins(sender, length, target, source)) {
            if (messages == MESSAGES) flush();
            begin(sender, length, target, source);
        }
        int message = messages - 1;
        segments[message]++;
        runBytes += length;
        // only the last segment of a run may be shorter
        runOpen = length > 0 && length == segmentBytes[message];
        addVectors(message, datagram);
    }

    private boolean joins(
            LinuxUdpSocket sender, int length, MutableAddress target, MutableAddress source) {
        if (!runOpen) return false;
        int last = messages - 1;
        return length <= segmentBytes[last]
                && length > 0
                && length <= sender.largestSegment
                && segmentBytes[last] <= sender.largestSegment
                && segments[last] < MAX_SEGMENTS
                && runBytes + length <= MAX_RUN_BYTES
                && same(to, target)
                && same(from, source);
    }

    private static boolean same(MutableAddress a, MutableAddress b) {
        return a.low() == b.low() && a.port() == b.port() && a.high() == b.high();
    }

    private void begin(
            LinuxUdpSocket sender, int length, MutableAddress target, MutableAddress source) {
        int message = messages++;
        long header = (long) message * MMSGHDR_BYTES;
        int nameLength = LinuxStructs.putAddress(names, (long) message * SOCKADDR_BYTES, target);
        headers.set(INT, header + MSG_NAMELEN, nameLength);
        headers.set(LONG, header + MSG_IOV, vectors.address() + (long) vectorCount * IOVEC_BYTES);
        headers.set(LONG, header + MSG_IOVLEN, 0);
        headers.set(LONG, header + MSG_CONTROL, 0);
        headers.set(LONG, header + MSG_CONTROLLEN, 0);
        if (sender.packetInfo && (source.low() | source.high()) != 0) putSource(message, source);
        to.set(target);
        from.set(source);
        segmentBytes[message] = length;
        segments[message] = 0;
        runBytes = 0;
    }

    private void putSource(int message, MutableAddress source) {
        long control = (long) message * CONTROL_BYTES;
        boolean ipv4 = source.isIpv4();
        int bytes =
                LinuxStructs.putPacketInfo(
                        controls, control + LinuxStructs.CMSG_HEADER_BYTES, source);
        long next =
                LinuxStructs.putControl(
                        controls,
                        control,
                        ipv4 ? LinuxCalls.SOL_IP : LinuxCalls.SOL_IPV6,
                        ipv4 ? LinuxCalls.IP_PKTINFO : LinuxCalls.IPV6_PKTINFO,
                        bytes);
        putControls(message, next - control);
    }

    private void putControls(int message, long bytes) {
        long header = (long) message * MMSGHDR_BYTES;
        headers.set(
                LONG, header + MSG_CONTROL, controls.address() + (long) message * CONTROL_BYTES);
        headers.set(LONG, header + MSG_CONTROLLEN, bytes);
    }

    private void addVectors(int message, UdpDatagram datagram) {
        int before = vectorCount;
        if (datagram.headBytes() > 0) {
            vector(dataAddress + datagram.headOffset(), datagram.headBytes());
        }
        if (datagram.bodyBytes() > 0) {
            vector(dataAddress + datagram.bodyOffset(), datagram.bodyBytes());
        }
        if (datagram.padBytes() > 0) vector(zerosAddress, datagram.padBytes());
        long length = (long) message * MMSGHDR_BYTES + MSG_IOVLEN;
        headers.set(LONG, length, headers.get(LONG, length) + (vectorCount - before));
    }

    private void vector(long address, int bytes) {
        long at = (long) vectorCount++ * IOVEC_BYTES;
        vectors.set(LONG, at, address);
        vectors.set(LONG, at + 8, bytes);
    }

    /**
     * Sends what is queued.
     *
     * @return why the last datagram that was refused was refused (errno), or 0
     */
    int flush() {
        LinuxUdpSocket sender = socket;
        if (messages == 0 || sender == null) return 0;
        int refused = 0;
        for (int i = 0; i < messages; i++) if (segments[i] > 1) putSegmentSize(i);
        int done = 0;
        boolean retried = false;
        while (done < messages) {
            long first = headers.address() + (long) done * MMSGHDR_BYTES;
            int sent = LinuxCalls.sendmmsg(state, sender.fd, first, messages - done);
            if (sent > 0) {
                done += sent;
                retried = false;
            } else if (!retried && isOlderError(sent)) {
                retried = true;
            } else {
                refused = -sent;
                fail(sender, done++, refused);
                retried = false;
            }
        }
        messages = 0;
        vectorCount = 0;
        runOpen = false;
        return refused;
    }

    /** With IP_RECVERR a send first answers with what became of an earlier one. */
    private static boolean isOlderError(int result) {
        return result == -LinuxCalls.ECONNREFUSED
                || result == -LinuxCalls.EHOSTUNREACH
                || result == -LinuxCalls.EINTR
                || result == -LinuxCalls.EMSGSIZE;
    }

    private void putSegmentSize(int message) {
        long header = (long) message * MMSGHDR_BYTES;
        long used = headers.get(LONG, header + MSG_CONTROLLEN);
        long control = (long) message * CONTROL_BYTES + used;
        long next =
                LinuxStructs.putControl(
                        controls, control, LinuxCalls.SOL_UDP, LinuxCalls.UDP_SEGMENT, 2);
        controls.set(
                SHORT, control + LinuxStructs.CMSG_HEADER_BYTES, (short) segmentBytes[message]);
        putControls(message, used + next - control);
    }

    /**
     * A run that the device or the path refuses goes datagram by datagram, and such runs are not
     * made again.
     */
    private void fail(LinuxUdpSocket sender, int message, int errno) {
        boolean refusedRun =
                segments[message] > 1
                        && (errno == LinuxCalls.EINVAL
                                || errno == LinuxCalls.EIO
                                || errno == LinuxCalls.EMSGSIZE);
        if (!refusedRun) {
            errors += segments[message];
            return;
        }
        sender.largestSegment = errno == LinuxCalls.EIO ? 0 : segmentBytes[message] - 1;
        sendSingly(sender, message);
    }

    private void sendSingly(LinuxUdpSocket sender, int message) {
        long header = (long) message * MMSGHDR_BYTES;
        long vector = headers.get(LONG, header + MSG_IOV) - vectors.address();
        long end = vector + headers.get(LONG, header + MSG_IOVLEN) * IOVEC_BYTES;
        long control = headers.get(LONG, header + MSG_CONTROLLEN);
        // the segment size is the last control message: leave it out
        headers.set(LONG, header + MSG_CONTROLLEN, control - LinuxStructs.CMSG_HEADER_BYTES - 8);
        while (vector < end) {
            long from = vector;
            long bytes = 0;
            while (vector < end && bytes < segmentBytes[message]) {
                bytes += vectors.get(LONG, vector + 8);
                vector += IOVEC_BYTES;
            }
            headers.set(LONG, header + MSG_IOV, vectors.address() + from);
            headers.set(LONG, header + MSG_IOVLEN, (vector - from) / IOVEC_BYTES);
            if (LinuxCalls.sendmmsg(state, sender.fd, headers.address() + header, 1) <= 0) errors++;
        }
    }
}
