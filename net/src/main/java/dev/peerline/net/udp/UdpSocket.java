package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

/** One bound socket of a driver, used by the driver's thread alone. */
public abstract class UdpSocket {
    private final TransportAddress localAddress;
    private @Nullable Object owner;

    UdpSocket(TransportAddress localAddress) {
        this.localAddress = localAddress;
    }

    public final TransportAddress localAddress() {
        return localAddress;
    }

    /** Whatever the user of the socket wants to find when something arrives. */
    public final @Nullable Object owner() {
        return owner;
    }

    public final void owner(@Nullable Object newOwner) {
        owner = newOwner;
    }

    /**
     * Queues one datagram. Runs of datagrams of one length to one address leave in one system call.
     *
     * @param from the address to send from, on a wildcard socket; zeros leave it to the system
     */
    public abstract void send(UdpDatagram datagram, MutableAddress to, MutableAddress from);

    /**
     * Takes the socket from its driver, so that one on another thread may {@link UdpDriver#attach}
     * it: it stays bound, and what arrives meanwhile waits in the system.
     */
    public abstract Detached detach();

    /** A socket without a driver. Whoever has it attaches or closes it. */
    public interface Detached {
        void close();
    }

    /** Closes at once: the port is free when this returns, what is queued is sent first. */
    public abstract void close();
}
