package dev.peerline.net.udp;

import static dev.peerline.net.udp.LinuxStructs.CMSG_HEADER_BYTES;
import static dev.peerline.net.udp.LinuxStructs.INT;
import static dev.peerline.net.udp.LinuxStructs.IOVEC_BYTES;
import static dev.peerline.net.udp.LinuxStructs.LONG;
import static dev.peerline.net.udp.LinuxStructs.MMSGHDR_BYTES;
import static dev.peerline.net.udp.LinuxStructs.MSG_CONTROL;
import static dev.peerline.net.udp.LinuxStructs.MSG_CONTROLLEN;
import static dev.peerline.net.udp.LinuxStructs.MSG_FLAGS;
import static dev.peerline.net.udp.LinuxStructs.MSG_IOV;
import static dev.peerline.net.udp.LinuxStructs.MSG_IOVLEN;
import static dev.peerline.net.udp.LinuxStructs.MSG_LEN;
import static dev.peerline.net.udp.LinuxStructs.MSG_NAME;
import static dev.peerline.net.udp.LinuxStructs.MSG_NAMELEN;
import static dev.peerline.net.udp.LinuxStructs.SOCKADDR_BYTES;

import dev.peerline.net.TransportAddress;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Slots that datagrams are received into. Slots fill up over the sockets of one poll and are freed
 * together, after everything queued from them was sent. Not thread-safe.
 */
final class LinuxReceiveRing {
    static final int SLOTS = 64;

    /** A GRO run is an IP packet's worth at most. */
    private static final int SLOT_ROOM = 65_536;

    /** Not a power of two: slots side by side must not compete for the same lines of the cache. */
    private static final int SLOT_BYTES = SLOT_ROOM + 448;

    private static final int CONTROL_BYTES = 128;

    // who an extended error is from: linux/errqueue.h
    private static final int ORIGIN_LOCAL = 1;
    private static final int ORIGIN_ICMP = 2;
    private static final int ORIGIN_ICMP6 = 3;

    static final int DATA_BYTES = SLOTS * SLOT_BYTES;

    private final MemorySegment headers;
    private final MemorySegment names;
    private final MemorySegment controls;
    private int used;

    /**
     * @param dataAddress of {@link #DATA_BYTES} bytes, the beginning of the driver's memory
     */
    LinuxReceiveRing(Arena arena, long dataAddress) {
        headers = arena.allocate((long) SLOTS * MMSGHDR_BYTES, 64);
        names = arena.allocate((long) SLOTS * SOCKADDR_BYTES, 64);
        controls = arena.allocate((long) SLOTS * CONTROL_BYTES, 64);
        MemorySegment vectors = arena.allocate((long) SLOTS * IOVEC_BYTES, 64);
        for (int slot = 0; slot < SLOTS; slot++) {
            long vector = (long) slot * IOVEC_BYTES;
            vectors.set(LONG, vector, dataAddress + (long) slot * SLOT_BYTES);
            vectors.set(LONG, vector + 8, SLOT_ROOM);
            long header = header(slot);
            headers.set(LONG, header + MSG_NAME, names.address() + name(slot));
            headers.set(LONG, header + MSG_IOV, vectors.address() + vector);
            headers.set(LONG, header + MSG_IOVLEN, 1);
            headers.set(LONG, header + MSG_CONTROL, controls.address() + control(slot));
            reset(slot);
        }
    }

    private static long header(int slot) {
        return (long) slot * MMSGHDR_BYTES;
    }

    private static long name(int slot) {
        return (long) slot * SOCKADDR_BYTES;
    }

    private static long control(int slot) {
        return (long) slot * CONTROL_BYTES;
    }

    /** The kernel overwrites these with what it filled in. */
    private void reset(int slot) {
        long header = header(slot);
        headers.set(INT, header + MSG_NAMELEN, SOCKADDR_BYTES);
        headers.set(LONG, header + MSG_CONTROLLEN, CONTROL_BYTES);
        headers.set(INT, header + MSG_FLAGS, 0);
    }

    int free() {
        return SLOTS - used;
    }

    /** Frees all slots. */
    void clear() {
        for (int slot = 0; slot < used; slot++) reset(slot);
        used = 0;
    }

    /** Receives up to {@code count} runs into the next slots; how many, or {@code -errno}. */
    int receive(MemorySegment state, int fd, int count, int flags) {
        long first = headers.address() + header(used);
        return LinuxCalls.recvmmsg(state, fd, first, count, flags | LinuxCalls.MSG_DONTWAIT);
    }

    /** The slot that the next {@link #receive} fills; it is used up by this call. */
    int take() {
        return used++;
    }

    /** Describes what lies in a slot. */
    void describe(int slot, UdpReceived out) {
        int length = headers.get(INT, header(slot) + MSG_LEN);
        LinuxStructs.getAddress(names, name(slot), out.source());
        int segment = length;
        long at = control(slot);
        long end = at + headers.get(LONG, header(slot) + MSG_CONTROLLEN);
        out.local().set(0, 0, 0);
        while (at + CMSG_HEADER_BYTES <= end) {
            int bytes = (int) controls.get(LONG, at);
            if (bytes < CMSG_HEADER_BYTES) break;
            int level = controls.get(INT, at + 8);
            int type = controls.get(INT, at + 12);
            long data = at + CMSG_HEADER_BYTES;
            if (level == LinuxCalls.SOL_UDP && type == LinuxCalls.UDP_GRO) {
                segment = controls.get(INT, data);
            } else if (level == LinuxCalls.SOL_IP && type == LinuxCalls.IP_PKTINFO) {
                LinuxStructs.getPacketInfo(controls, data, true, out.local());
            } else if (level == LinuxCalls.SOL_IPV6 && type == LinuxCalls.IPV6_PKTINFO) {
                LinuxStructs.getPacketInfo(controls, data, false, out.local());
            }
            at += bytes + 7 & ~7;
        }
        out.set(slot * SLOT_BYTES, length, segment <= 0 ? length : segment);
    }

    /** Reads a sock_extended_err of the error queue, or nothing when it is no ICMP error. */
    void error(int slot, LinuxUdpSocket socket, UdpReceiver receiver, UdpReceived scratch) {
        LinuxStructs.getAddress(names, name(slot), scratch.source());
        long at = control(slot);
        long end = at + headers.get(LONG, header(slot) + MSG_CONTROLLEN);
        while (at + CMSG_HEADER_BYTES + 16 <= end) {
            int bytes = (int) controls.get(LONG, at);
            if (bytes < CMSG_HEADER_BYTES) break;
            int level = controls.get(INT, at + 8);
            int type = controls.get(INT, at + 12);
            boolean error =
                    (level == LinuxCalls.SOL_IP && type == LinuxCalls.IP_RECVERR)
                            || (level == LinuxCalls.SOL_IPV6 && type == LinuxCalls.IPV6_RECVERR);
            long data = at + CMSG_HEADER_BYTES;
            int origin = controls.get(INT, data + 4) & 0xff;
            TransportAddress destination = scratch.source().toAddress();
            if (error && (origin == ORIGIN_ICMP || origin == ORIGIN_ICMP6)) {
                int word = controls.get(INT, data + 4);
                receiver.unreachable(
                        socket,
                        destination,
                        new UdpReceiver.IcmpError(
                                word >> 8 & 0xff, word >> 16 & 0xff, controls.get(INT, data + 8)));
                return;
            }
            boolean tooBig = controls.get(INT, data) == LinuxCalls.EMSGSIZE;
            if (error && origin == ORIGIN_LOCAL && tooBig) {
                tooBig(socket, controls.get(INT, data + 8), receiver);
                return;
            }
            at += bytes + 7 & ~7;
        }
    }

    /** The system knows the path already, and does not ask the network again. It tells no port. */
    private static void tooBig(LinuxUdpSocket socket, int mtu, UdpReceiver receiver) {
        TransportAddress destination = socket.tooBigFor;
        if (destination == null) return;
        socket.tooBigFor = null;
        boolean ipv4 = destination.isIpv4();
        receiver.unreachable(socket, destination, UdpReceiver.IcmpError.tooBig(ipv4, mtu));
    }
}
