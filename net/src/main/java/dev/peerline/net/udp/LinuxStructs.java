package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Layouts of the kernel's structures on 64-bit Linux, as offsets. */
final class LinuxStructs {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT_BE = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong LONG_BE = LONG.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfShort SHORT_BE = SHORT.withOrder(ByteOrder.BIG_ENDIAN);

    /** {@code struct mmsghdr}: a {@code struct msghdr} (56 bytes) and the length received. */
    static final int MMSGHDR_BYTES = 64;

    static final int MSG_NAME = 0;
    static final int MSG_NAMELEN = 8;
    static final int MSG_IOV = 16;
    static final int MSG_IOVLEN = 24;
    static final int MSG_CONTROL = 32;
    static final int MSG_CONTROLLEN = 40;
    static final int MSG_FLAGS = 48;
    static final int MSG_LEN = 56;

    static final int IOVEC_BYTES = 16;
    static final int CMSG_HEADER_BYTES = 16;

    /** Room for a sockaddr_in6 (28 bytes), aligned. */
    static final int SOCKADDR_BYTES = 32;

    private static final int SOCKADDR_IN_BYTES = 16;
    private static final int SOCKADDR_IN6_BYTES = 28;

    private LinuxStructs() {}

    /** Writes a sockaddr and returns its length. */
    static int putAddress(MemorySegment memory, long at, MutableAddress address) {
        memory.set(LONG, at + 8, 0);
        if (address.isIpv4()) {
            memory.set(SHORT, at, (short) LinuxCalls.AF_INET);
            memory.set(SHORT_BE, at + 2, (short) address.port());
            memory.set(INT_BE, at + 4, (int) address.low());
            return SOCKADDR_IN_BYTES;
        }
        memory.set(SHORT, at, (short) LinuxCalls.AF_INET6);
        memory.set(SHORT_BE, at + 2, (short) address.port());
        memory.set(INT, at + 4, 0);
        memory.set(LONG_BE, at + 8, address.high());
        memory.set(LONG_BE, at + 16, address.low());
        memory.set(INT, at + 24, 0);
        return SOCKADDR_IN6_BYTES;
    }

    static void getAddress(MemorySegment memory, long at, MutableAddress out) {
        int port = Short.toUnsignedInt(memory.get(SHORT_BE, at + 2));
        if (memory.get(SHORT, at) == LinuxCalls.AF_INET) {
            out.set(0, TransportAddress.ipv4Low(memory.get(INT_BE, at + 4)), port);
        } else {
            out.set(memory.get(LONG_BE, at + 8), memory.get(LONG_BE, at + 16), port);
        }
    }

    /** Writes an in_pktinfo or in6_pktinfo that names the source, and returns its length. */
    static int putPacketInfo(MemorySegment memory, long at, MutableAddress source) {
        if (source.isIpv4()) {
            memory.set(INT, at, 0);
            memory.set(INT_BE, at + 4, (int) source.low());
            memory.set(INT, at + 8, 0);
            return 12;
        }
        memory.set(LONG_BE, at, source.high());
        memory.set(LONG_BE, at + 8, source.low());
        memory.set(INT, at + 16, 0);
        return 20;
    }

    /** Reads the destination of an in_pktinfo (its header destination) or in6_pktinfo. */
    static void getPacketInfo(MemorySegment memory, long at, boolean ipv4, MutableAddress out) {
        if (ipv4) out.set(0, TransportAddress.ipv4Low(memory.get(INT_BE, at + 8)), 0);
        else out.set(memory.get(LONG_BE, at), memory.get(LONG_BE, at + 8), 0);
    }

    /** Writes a cmsghdr for {@code dataBytes} and returns where the next one begins. */
    static long putControl(MemorySegment memory, long at, int level, int type, int dataBytes) {
        memory.set(LONG, at, CMSG_HEADER_BYTES + dataBytes);
        memory.set(INT, at + 8, level);
        memory.set(INT, at + 12, type);
        return at + CMSG_HEADER_BYTES + (dataBytes + 7 & ~7);
    }
}
