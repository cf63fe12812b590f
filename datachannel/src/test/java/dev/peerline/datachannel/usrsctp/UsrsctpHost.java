package dev.peerline.datachannel.usrsctp;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.peerline.datachannel.sctp.AssociationEvent.Message;
import dev.peerline.datachannel.sim.Host;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A usrsctp socket in the simulation. */
final class UsrsctpHost implements Host, AutoCloseable {
    private static final long TICK_NANOS = 5_000_000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int FRAGMENT_INTERLEAVE = 0x10;
    private static final int EVENT = 0x1e;
    private static final int RECEIVE_INFO = 0x1f;
    private static final int ENABLE_STREAM_RESET = 0x900;
    private static final int RESET_STREAMS = 0x901;
    private static final int INTERLEAVING_SUPPORTED = 0x1206;
    private static final int STREAM_RESET_EVENT = 9;
    private static final int NODELAY = 4;
    private static final int INITMSG = 3;
    private static final int UNORDERED = 0x400;
    private static final int MSG_NOTIFICATION = 0x2000;
    private static final int MSG_EOR = 0x80;
    private static final int SENDV_SPA = 4;
    private static final int BUFFER_BYTES = 1 << 20;

    private static long nextAddress = 0x1000;

    private final Usrsctp library;
    private final Arena arena = Arena.ofConfined();
    private final long address = nextAddress++;
    private final MemorySegment socket;
    private final MemorySegment buffer = arena.allocate(BUFFER_BYTES);
    private final ArrayDeque<byte[]> outgoing = new ArrayDeque<>();
    private final ArrayDeque<Runnable> unsent = new ArrayDeque<>();
    private final Map<Integer, ByteArrayOutputStream> partial = new HashMap<>();
    private final List<Message> messages = new ArrayList<>();
    private final List<Integer> notifications = new ArrayList<>();
    private long advancedNanos;
    private boolean blocked;

    UsrsctpHost(Usrsctp library, boolean interleaving, long nowNanos) {
        this.library = library;
        advancedNanos = nowNanos;
        library.register(address, outgoing::add);
        MemorySegment none = MemorySegment.NULL;
        socket =
                library.callForPointer(
                        "usrsctp_socket",
                        Usrsctp.AF_CONN,
                        Usrsctp.SOCK_STREAM,
                        Usrsctp.IPPROTO_SCTP,
                        none,
                        none,
                        0,
                        none);
        check("set_non_blocking", library.call("usrsctp_set_non_blocking", socket, 1));
        option(SOL_SOCKET, SO_SNDBUF, 4 << 20);
        option(SOL_SOCKET, SO_RCVBUF, 1 << 20);
        option(Usrsctp.IPPROTO_SCTP, NODELAY, 1);
        option(Usrsctp.IPPROTO_SCTP, RECEIVE_INFO, 1);
        option(Usrsctp.IPPROTO_SCTP, ENABLE_STREAM_RESET, 2, 7);
        if (interleaving) {
            option(Usrsctp.IPPROTO_SCTP, FRAGMENT_INTERLEAVE, 2);
            option(Usrsctp.IPPROTO_SCTP, INTERLEAVING_SUPPORTED, 0, 1);
        }
        // struct sctp_event: all associations, type, on.
        option(Usrsctp.IPPROTO_SCTP, EVENT, 2, STREAM_RESET_EVENT | 1 << 16);
        // struct sctp_initmsg: 1024 streams each way.
        option(Usrsctp.IPPROTO_SCTP, INITMSG, 1024 | 1024 << 16, 0);
    }

    private void option(int level, int name, int... words) {
        MemorySegment value = arena.allocateFrom(JAVA_INT, words);
        int result =
                library.call("usrsctp_setsockopt", socket, level, name, value, 4 * words.length);
        check("setsockopt " + name, result);
    }

    private static void check(String what, int result) {
        if (result != 0) throw new AssertionError(what + " failed: " + result);
    }

    /** Binds port 5000 and begins the handshake. */
    void connect() {
        check("bind", library.call("usrsctp_bind", socket, socketAddress(), 16));
        // In progress: -1.
        var _ = library.call("usrsctp_connect", socket, socketAddress(), 16);
    }

    private MemorySegment socketAddress() {
        MemorySegment conn = arena.allocate(16);
        conn.set(JAVA_SHORT, 0, (short) Usrsctp.AF_CONN);
        conn.set(JAVA_SHORT, 2, Short.reverseBytes((short) 5000));
        conn.set(java.lang.foreign.ValueLayout.JAVA_LONG, 8, address);
        return conn;
    }

    /**
     * Sends a message, now or when there is room; with fewer than 65536 retransmissions, limited.
     */
    void send(int streamId, boolean unordered, byte[] data, int retransmissions) {
        unsent.add(() -> trySend(streamId, unordered, data, retransmissions));
        sendUnsent();
    }

    private void sendUnsent() {
        blocked = false;
        while (!unsent.isEmpty()) {
            unsent.element().run();
            if (blocked) return;
            unsent.remove();
        }
    }

    private void trySend(int streamId, boolean unordered, byte[] data, int retransmissions) {
        MemorySegment spa = arena.allocate(32, 8);
        boolean limited = retransmissions < 65536;
        spa.set(JAVA_INT, 0, limited ? 3 : 1);
        spa.set(JAVA_SHORT, 4, (short) streamId);
        spa.set(JAVA_SHORT, 6, (short) (unordered ? UNORDERED : 0));
        spa.set(JAVA_INT, 8, Integer.reverseBytes(53));
        if (limited) {
            spa.set(JAVA_SHORT, 20, (short) 3); // SCTP_PR_SCTP_RTX
            spa.set(JAVA_INT, 24, retransmissions);
        }
        MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, data);
        int sent =
                library.call(
                        "usrsctp_sendv",
                        socket,
                        bytes,
                        (long) data.length,
                        MemorySegment.NULL,
                        0,
                        spa,
                        32,
                        SENDV_SPA,
                        0);
        blocked = sent != data.length;
    }

    void resetOutgoing(int streamId) {
        option(Usrsctp.IPPROTO_SCTP, RESET_STREAMS, 2, 2 | 1 << 16, streamId);
    }

    void shutdown() {
        check("shutdown", library.call("usrsctp_shutdown", socket, 1));
    }

    List<Message> messages() {
        return messages;
    }

    /** The types of the notifications that came. */
    List<Integer> notifications() {
        return notifications;
    }

    @Override
    public void receive(byte[] packet, long nowNanos) {
        MemorySegment.copy(packet, 0, buffer, JAVA_BYTE, 0, packet.length);
        library.callVoid(
                "usrsctp_conninput",
                MemorySegment.ofAddress(address),
                buffer,
                (long) packet.length,
                (byte) 0);
        read();
        sendUnsent();
    }

    @Override
    public void advance(long nowNanos) {
        long millis = (nowNanos - advancedNanos) / 1_000_000;
        advancedNanos += millis * 1_000_000;
        library.callVoid("usrsctp_handle_timers", (int) millis);
        read();
        sendUnsent();
    }

    @Override
    public long deadlineNanos() {
        return advancedNanos + TICK_NANOS;
    }

    @Override
    public byte @Nullable [] transmit(long nowNanos) {
        return outgoing.poll();
    }

    private void read() {
        while (true) {
            MemorySegment from = arena.allocate(16, 8);
            MemorySegment fromLength = arena.allocateFrom(JAVA_INT, 16);
            MemorySegment info = arena.allocate(64, 8);
            MemorySegment infoLength = arena.allocateFrom(JAVA_INT, 64);
            MemorySegment infoType = arena.allocateFrom(JAVA_INT, 0);
            MemorySegment flags = arena.allocateFrom(JAVA_INT, 0);
            int length =
                    library.call(
                            "usrsctp_recvv",
                            socket,
                            buffer,
                            (long) BUFFER_BYTES,
                            from,
                            fromLength,
                            info,
                            infoLength,
                            infoType,
                            flags);
            if (length <= 0) return;
            byte[] bytes = buffer.asSlice(0, length).toArray(JAVA_BYTE);
            int flag = flags.get(JAVA_INT, 0);
            if ((flag & MSG_NOTIFICATION) != 0) notifications.add((int) buffer.get(JAVA_SHORT, 0));
            else received(bytes, info, (flag & MSG_EOR) != 0);
        }
    }

    private void received(byte[] bytes, MemorySegment info, boolean end) {
        int streamId = info.get(JAVA_SHORT, 0) & 0xffff;
        boolean unordered = (info.get(JAVA_SHORT, 4) & UNORDERED) != 0;
        int protocol = Integer.reverseBytes(info.get(JAVA_INT, 8));
        ByteArrayOutputStream sofar =
                partial.computeIfAbsent(streamId, _ -> new ByteArrayOutputStream());
        sofar.writeBytes(bytes);
        if (!end) return;
        partial.remove(streamId);
        messages.add(new Message(streamId, protocol, unordered, sofar.toByteArray()));
    }

    @Override
    public void close() {
        library.callVoid("usrsctp_close", socket);
        library.deregister(address);
        arena.close();
    }
}
