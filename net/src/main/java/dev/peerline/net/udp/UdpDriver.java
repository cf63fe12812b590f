package dev.peerline.net.udp;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The UDP sockets of one thread. Everything but {@link #wakeup} belongs to the thread that polls.
 *
 * <p>All packets, in and out, lie in one {@link #memory()}, and are named by their offset in it:
 * what was received can be sent on, or a slice of it, without being copied. What {@link
 * UdpSocket#send} was given is sent at {@link #flush} at the latest, and must stay as it is until
 * then.
 */
public interface UdpDriver extends AutoCloseable {
    /** Room for one answer or header at a time: the most {@link #scratch} gives. */
    int MAX_SCRATCH_BYTES = 65_536;

    /**
     * The fastest driver that this machine has.
     *
     * @param nativeAllowed false for the portable one everywhere
     */
    static UdpDriver open(boolean nativeAllowed) throws IOException {
        return nativeAllowed && LinuxUdpDriver.isSupported()
                ? new LinuxUdpDriver()
                : new NioUdpDriver();
    }

    /** Where all packets lie, in network byte order; to be used by absolute index. */
    ByteBuffer memory();

    /**
     * Room to write in, which is free again after the next {@link #flush} (which this call may
     * cause, when room is short: fill and send one room before the next is asked for).
     *
     * @return its offset in {@link #memory()}
     */
    int scratch(int bytes);

    /** What the next {@link UdpSocket#send} is made of; one for the whole driver. */
    UdpDatagram outgoing();

    /** Binds a socket; {@link java.net.BindException} when the port is taken. */
    UdpSocket bind(UdpOptions options) throws IOException;

    /**
     * Takes a socket that another driver of the same kind gave up.
     *
     * @throws IOException if it cannot be watched; it is closed then
     */
    UdpSocket attach(UdpSocket.Detached detached) throws IOException;

    /** Whether {@link #attach} takes this one: it is of a driver of the same kind. Any thread. */
    boolean attaches(UdpSocket.Detached detached);

    /**
     * Waits, at most {@code timeoutNanos}, and hands over what has arrived; then sends what the
     * receiver queued. Received bytes are gone when this returns.
     */
    void poll(UdpReceiver receiver, long timeoutNanos) throws IOException;

    /** Sends what is queued. */
    void flush();

    /** Ends a {@link #poll} that waits, or the next one at once. Any thread may call this. */
    void wakeup();

    /** Whether system calls are batched (Linux) or one a datagram (NIO). */
    boolean isNative();

    /** Whether {@link UdpDatagram#dontFragment} has an effect here. */
    boolean setsDontFragment();

    /** Datagrams that the system refused to send, since the beginning. */
    long sendErrors();

    /** Closes all sockets. Not while another thread polls. */
    @Override
    void close();
}
