package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

/** A file descriptor in an epoll set. */
final class LinuxUdpSocket extends UdpSocket {
    final int fd;
    final boolean packetInfo;

    /** Where the driver keeps it, and the how-manieth socket at that place (epoll's data). */
    final int slot;

    final int generation;

    /** Runs of larger segments were refused once (no offload, or a smaller MTU). */
    int largestSegment = 65_000;

    /** How many runs the last read gave: what the next one may expect. */
    int expected = 1;

    /** Where the last datagram was meant for that was too large to go unfragmented. */
    @Nullable TransportAddress tooBigFor;

    private final LinuxUdpDriver driver;

    LinuxUdpSocket(
            LinuxUdpDriver driver, int fd, long place, boolean packetInfo, TransportAddress local) {
        super(local);
        this.driver = driver;
        this.fd = fd;
        this.packetInfo = packetInfo;
        slot = (int) place;
        generation = (int) (place >>> 32);
    }

    @Override
    public void send(UdpDatagram datagram, MutableAddress to, MutableAddress from) {
        driver.send(this, datagram, to, from);
    }

    @Override
    public Detached detach() {
        driver.release(this);
        return new DetachedSocket(fd, packetInfo, localAddress());
    }

    /** What is left of a socket without its driver. */
    record DetachedSocket(int fd, boolean packetInfo, TransportAddress local) implements Detached {
        @Override
        public void close() {
            LinuxUdpDriver.closeDetached(fd);
        }
    }

    @Override
    public void close() {
        driver.close(this);
    }
}
