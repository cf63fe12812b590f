package dev.peerline.net.udp;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The system calls, with pointers as plain longs. Each answers what the call answered, or {@code
 * -errno}; {@code state} is where the caller's thread keeps errno. Calls that cannot block are
 * "critical": they cost no change of thread state.
 */
@SuppressWarnings("restricted")
final class LinuxCalls {
    static final int SOL_SOCKET = 1;
    static final int SO_REUSEADDR = 2;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_REUSEPORT = 15;
    static final int SO_SNDBUFFORCE = 32;
    static final int SO_RCVBUFFORCE = 33;
    static final int SOL_IP = 0;
    static final int IP_PKTINFO = 8;
    static final int IP_MTU_DISCOVER = 10;
    static final int IP_RECVERR = 11;
    static final int SOL_UDP = 17;
    static final int UDP_SEGMENT = 103;
    static final int UDP_GRO = 104;
    static final int SOL_IPV6 = 41;
    static final int IPV6_MTU_DISCOVER = 23;
    static final int IPV6_RECVERR = 25;
    static final int IPV6_V6ONLY = 26;
    static final int IPV6_RECVPKTINFO = 49;
    static final int IPV6_PKTINFO = 50;
    static final int PMTUDISC_DONT = 0;
    static final int PMTUDISC_DO = 2;

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_ERRQUEUE = 0x2000;
    static final int EPOLLIN = 1;
    static final int EPOLLERR = 8;
    static final int EPOLL_CTL_ADD = 1;
    static final int EPOLL_CTL_DEL = 2;
    static final int CLOEXEC = 0x80000;
    static final int NONBLOCK = 0x800;

    static final int EIO = 5;
    static final int EINTR = 4;
    static final int EAGAIN = 11;
    static final int EINVAL = 22;
    static final int EMSGSIZE = 90;
    static final int EADDRINUSE = 98;
    static final int ECONNREFUSED = 111;
    static final int EHOSTUNREACH = 113;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final Linker.Option ERRNO = Linker.Option.captureCallState("errno");
    private static final Linker.Option CRITICAL = Linker.Option.critical(false);

    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle GETSOCKNAME =
            call("getsockname", JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle SETSOCKOPT =
            call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle EPOLL_CREATE = call("epoll_create1", JAVA_INT);
    private static final MethodHandle EPOLL_CTL =
            call("epoll_ctl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle RECVMMSG =
            call("recvmmsg", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle SENDMMSG =
            call("sendmmsg", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT);
    private static final MethodHandle EVENTFD = call("eventfd", JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = call("close", JAVA_INT);
    private static final MethodHandle EPOLL_WAIT =
            LINKER.downcallHandle(
                    LIBC.findOrThrow("epoll_wait"),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT),
                    ERRNO);
    private static final MethodHandle READ = plain("read");
    private static final MethodHandle WRITE = plain("write");

    private LinuxCalls() {}

    private static MethodHandle call(String name, MemoryLayout... parameters) {
        return LINKER.downcallHandle(
                LIBC.findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, parameters),
                ERRNO,
                CRITICAL);
    }

    private static MethodHandle plain(String name) {
        return LINKER.downcallHandle(
                LIBC.findOrThrow(name),
                FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG));
    }

    /** How large {@code state} has to be. */
    static MemoryLayout stateLayout() {
        return Linker.Option.captureStateLayout();
    }

    private static int checked(int result, MemorySegment state) {
        return result >= 0 ? result : -state.get(ValueLayout.JAVA_INT, 0);
    }

    static int socket(MemorySegment state, int family, int type) {
        try {
            return checked((int) SOCKET.invokeExact(state, family, type, 0), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int bind(MemorySegment state, int fd, long address, int length) {
        try {
            return checked((int) BIND.invokeExact(state, fd, address, length), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int getsockname(MemorySegment state, int fd, long address, long length) {
        try {
            return checked((int) GETSOCKNAME.invokeExact(state, fd, address, length), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int setsockopt(
            MemorySegment state, int fd, int level, int name, long value, int length) {
        try {
            int result = (int) SETSOCKOPT.invokeExact(state, fd, level, name, value, length);
            return checked(result, state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollCreate(MemorySegment state) {
        try {
            return checked((int) EPOLL_CREATE.invokeExact(state, CLOEXEC), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollCtl(MemorySegment state, int epoll, int operation, int fd, long event) {
        try {
            int result = (int) EPOLL_CTL.invokeExact(state, epoll, operation, fd, event);
            return checked(result, state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int epollWait(MemorySegment state, int epoll, long events, int count, int millis) {
        try {
            int result = (int) EPOLL_WAIT.invokeExact(state, epoll, events, count, millis);
            return checked(result, state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int recvmmsg(MemorySegment state, int fd, long messages, int count, int flags) {
        try {
            int result = (int) RECVMMSG.invokeExact(state, fd, messages, count, flags, 0L);
            return checked(result, state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int sendmmsg(MemorySegment state, int fd, long messages, int count) {
        try {
            return checked((int) SENDMMSG.invokeExact(state, fd, messages, count, 0), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static int eventfd(MemorySegment state) {
        try {
            return checked((int) EVENTFD.invokeExact(state, 0, CLOEXEC | NONBLOCK), state);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    static void close(MemorySegment state, int fd) {
        try {
            int ignored = (int) CLOSE.invokeExact(state, fd);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Reads the 8 bytes of an eventfd. */
    static void read8(int fd, long buffer) {
        try {
            long ignored = (long) READ.invokeExact(fd, buffer, 8L);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    /** Writes the 8 bytes of an eventfd; from any thread. */
    static void write8(int fd, long buffer) {
        try {
            long ignored = (long) WRITE.invokeExact(fd, buffer, 8L);
        } catch (Throwable e) {
            throw impossible(e);
        }
    }

    private static AssertionError impossible(Throwable e) {
        return new AssertionError("a downcall of a libc function does not throw", e);
    }
}
