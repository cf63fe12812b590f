package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.net.udp.UdpSocket;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.RelayPort;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/** What a loop lends the handlers on it: memory to write in, and ways out. */
public interface Ground {
    /** Where packets lie. */
    ByteBuffer memory();

    /** Room in {@link #memory()}, until what was written there is sent. */
    int scratch(int bytes);

    /** To be filled for the next send. */
    UdpDatagram outgoing();

    void toClient(Client client, UdpDatagram datagram);

    /** By another listener than the one the client talks to (RFC 5780). */
    void toClientFrom(TransportAddress listener, Client client, UdpDatagram datagram);

    void toPeer(RelayPort port, UdpDatagram datagram, MutableAddress peer);

    /** Binds a relay port, or answers null if it is taken by somebody else. */
    @Nullable RelayPort bind(Settings.Relay relay, int port);

    /** Binds a relay port for TCP (RFC 6062), or answers null as {@link #bind} does. */
    @Nullable RelayPort listen(Settings.Relay relay, int port);

    /** Connects from a relay port; {@link TurnServer#connected} is told how that went. */
    void connect(RelayPort port, PeerConnection connection, TransportAddress peer);

    /** From now on what comes from one side goes to the other. */
    void join(StreamClient client, PeerConnection connection);

    /** Runs it on the thread of this loop, soon. Any thread may call this. */
    void execute(Runnable task);

    /**
     * Takes the socket from a relay port, for another loop.
     *
     * @return null if it cannot go elsewhere
     */
    UdpSocket.@Nullable Detached detach(RelayPort port);

    /** Whether a socket may come to this loop: those of UDP clients do not go to connections'. */
    boolean attaches(UdpSocket.Detached socket);

    /** A relay port as that one was, with the socket that was taken from it. */
    RelayPort attach(RelayPort port, UdpSocket.Detached socket);

    /** Tells an operator's log; one line a notable event. */
    void note(Note note);

    /** Events worth a line. Names that clients chose are cleaned before they get here. */
    sealed interface Note {
        record Allocated(String account, String client, String relayed) implements Note {}

        record Ended(String account, String relayed, String why) implements Note {}

        record Forbidden(String account, String peer, String rule) implements Note {}

        record Refused(String account, int code, String why) implements Note {}
    }
}
