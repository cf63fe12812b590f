package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import jdk.net.ExtendedSocketOptions;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;

/** A channel of a selector. Remembers the last address in each direction, to make fewer objects. */
final class NioUdpSocket extends UdpSocket {
    final DatagramChannel channel;
    private final NioUdpDriver driver;
    private final MutableAddress lastTo = new MutableAddress();
    private @Nullable InetSocketAddress lastToObject;
    private @Nullable InetSocketAddress lastFromObject;
    private final MutableAddress lastFrom = new MutableAddress();
    private boolean dontFragment;

    NioUdpSocket(NioUdpDriver driver, DatagramChannel channel, TransportAddress local) {
        super(local);
        this.driver = driver;
        this.channel = channel;
    }

    InetSocketAddress object(MutableAddress to) {
        InetSocketAddress last = lastToObject;
        if (last != null
                && lastTo.low() == to.low()
                && lastTo.high() == to.high()
                && lastTo.port() == to.port()) {
            return last;
        }
        lastTo.set(to);
        InetSocketAddress object = to.toAddress().inetSocketAddress();
        lastToObject = object;
        return object;
    }

    MutableAddress numbers(InetSocketAddress from) {
        if (!from.equals(lastFromObject)) {
            lastFromObject = from;
            lastFrom.set(TransportAddress.of(from));
        }
        return lastFrom;
    }

    /** For the datagrams from here on; DF is a property of the socket. */
    void dontFragment(boolean on) throws IOException {
        if (dontFragment == on) return;
        channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, on);
        dontFragment = on;
    }

    @Override
    public void send(UdpDatagram datagram, MutableAddress to, MutableAddress from) {
        driver.send(this, datagram, to);
    }

    @Override
    public Detached detach() {
        try {
            dontFragment(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        driver.release(this);
        return new DetachedSocket(channel);
    }

    /** What is left of a socket without its driver. */
    record DetachedSocket(DatagramChannel channel) implements Detached {
        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() {
        driver.close(this);
    }
}
