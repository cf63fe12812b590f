package dev.peerline.turn.io;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpDriver;
import dev.peerline.net.udp.UdpOptions;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.server.Ground;
import dev.peerline.turn.server.Settings;
import dev.peerline.turn.server.StreamClient;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;

/** The ways out of one loop: a UDP driver, and connections where there are some. */
class LoopGround implements Ground {
    /** Of one allocation: what a second of video needs. The kernel takes it only when it fills. */
    private static final int RELAY_BUFFER_BYTES = 1 << 20;

    private static final MutableAddress ANYWHERE = new MutableAddress();

    private final Map<TransportAddress, UdpSocket> listeners = new HashMap<>();
    private final UdpDriver driver;
    private final RelayLog log;
    private final Queue<Runnable> inbox;

    /**
     * The ways out of a driver.
     *
     * @param inbox what is to be run on the driver's thread
     */
    LoopGround(UdpDriver driver, RelayLog log, Queue<Runnable> inbox) {
        this.inbox = inbox;
        this.driver = driver;
        this.log = log;
    }

    @Override
    public ByteBuffer memory() {
        return driver.memory();
    }

    @Override
    public int scratch(int bytes) {
        return driver.scratch(bytes);
    }

    @Override
    public UdpDatagram outgoing() {
        return driver.outgoing();
    }

    @Override
    public void toClient(Client client, UdpDatagram datagram) {
        if (client instanceof UdpClient udp) udp.send(datagram);
        else if (client instanceof DtlsClient secure) secure.send(datagram);
        else if (client instanceof Connection connection) connection.send(datagram);
    }

    /** A socket that clients may be answered by. */
    void listener(UdpSocket socket) {
        listeners.put(socket.localAddress(), socket);
    }

    @Override
    public void toClientFrom(TransportAddress listener, Client client, UdpDatagram datagram) {
        UdpSocket socket = listeners.get(listener);
        if (socket != null)
            socket.send(datagram, new MutableAddress().set(client.remote()), ANYWHERE);
    }

    @Override
    public void toPeer(RelayPort port, UdpDatagram datagram, MutableAddress peer) {
        ((UdpRelayPort) port).socket.send(datagram, peer, ANYWHERE);
    }

    @Override
    public @Nullable RelayPort bind(Settings.Relay relay, int port) {
        UdpOptions options =
                UdpOptions.on(relay.local().withPort(port).inetSocketAddress())
                        .withErrorReports(true)
                        .withBufferBytes(RELAY_BUFFER_BYTES);
        try {
            return new UdpRelayPort(driver.bind(options), relay.announced().withPort(port));
        } catch (IOException e) {
            log.bindFailed(e);
            return null;
        }
    }

    /** UDP clients cannot ask for it (RFC 6062 §5.1). */
    @Override
    public @Nullable RelayPort listen(Settings.Relay relay, int port) {
        return null;
    }

    @Override
    public void connect(RelayPort port, PeerConnection connection, TransportAddress peer) {
        throw new AssertionError("no TCP relay port was ever made here");
    }

    @Override
    public void join(StreamClient client, PeerConnection connection) {
        throw new AssertionError("no TCP relay port was ever made here");
    }

    @Override
    public void execute(Runnable task) {
        inbox.add(task);
        driver.wakeup();
    }

    @Override
    public UdpSocket.@Nullable Detached detach(RelayPort port) {
        return port instanceof UdpRelayPort udp ? udp.socket.detach() : null;
    }

    @Override
    public boolean attaches(UdpSocket.Detached socket) {
        return driver.attaches(socket);
    }

    @Override
    public RelayPort attach(RelayPort port, UdpSocket.Detached socket) {
        try {
            return new UdpRelayPort(driver.attach(socket), port.relayed());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void note(Note note) {
        log.note(note);
    }
}
