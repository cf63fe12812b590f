package dev.peerline.turn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;

import dev.peerline.net.TransportAddress;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.PeerStream;
import dev.peerline.turn.allocation.RelayPort;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** A simulated relay whose clients come by TCP too, and reach peers by it (RFC 6062). */
final class StreamRelay extends SimulatedRelay {
    private static final int CLIENTS = 4;

    /** A port for connections. */
    final class ListeningPort extends RelayPort {
        ListeningPort(TransportAddress local, TransportAddress relayed) {
            super(local, relayed);
        }

        @Override
        public boolean isTcp() {
            return true;
        }

        @Override
        public void close() {
            listening.remove(this);
        }
    }

    /** A connection of a client. */
    static final class ConnectedClient implements StreamClient {
        private final TransportAddress remote;
        private @Nullable Allocation allocation;
        private boolean carries;

        ConnectedClient(int number) {
            remote = address("9.9.9.8", 2000 + number);
        }

        @Override
        public TransportAddress remote() {
            return remote;
        }

        @Override
        public TransportAddress local() {
            return LISTENER;
        }

        @Override
        public @Nullable Allocation allocation() {
            return allocation;
        }

        @Override
        public void allocation(@Nullable Allocation newAllocation) {
            allocation = newAllocation;
        }
    }

    /** A connection with a peer. */
    private final class Stream implements PeerStream {
        Stream() {
            open.add(this);
        }

        @Override
        public void close() {
            open.remove(this);
        }
    }

    private final List<ListeningPort> listening = new ArrayList<>();
    private final List<Stream> open = new ArrayList<>();
    private final List<PeerConnection> connecting = new ArrayList<>();
    private final List<PeerConnection> joined = new ArrayList<>();
    private final @Nullable ConnectedClient[] clients = new ConnectedClient[CLIENTS];

    StreamRelay(long seed) {
        super(new Shared(settings(), new byte[32], Long.MAX_VALUE - 5_000_000_000L), seed);
        shared.own().listener(LISTENER);
    }

    StreamRelay(Shared shared, long seed) {
        super(shared, seed);
    }

    /** A whole message, as the framing finds them. */
    void fromStream(int number, byte[] message) {
        ConnectedClient client = clients[number];
        if (client == null || client.carries)
            clients[number] = client = new ConnectedClient(number);
        server.message(client, put(message), message.length);
    }

    /** What becomes of connections, one thing at a time. */
    void happens(FuzzedDataProvider data) {
        switch (data.consumeInt(0, 4)) {
            case 0 -> {
                if (connecting.isEmpty()) return;
                PeerConnection next = connecting.removeFirst();
                server.connected(next, data.consumeBoolean() ? new Stream() : null);
            }
            case 1 -> {
                if (listening.isEmpty()) return;
                TransportAddress from = address("8.8.8.8", data.consumeInt(1, 5));
                server.accepted(listening.getFirst(), from, new Stream());
            }
            case 2 -> {
                if (!joined.isEmpty()) server.ended(joined.removeFirst());
            }
            case 3 -> {
                if (!joined.isEmpty())
                    server.streamed(joined.getFirst(), data.consumeInt(0, 9000), true);
            }
            default -> {
                int number = data.consumeInt(0, CLIENTS - 1);
                ConnectedClient client = clients[number];
                clients[number] = null;
                if (client != null) server.disconnected(client);
            }
        }
    }

    /** After the end. */
    void assertNothingLeft() {
        while (!connecting.isEmpty()) server.connected(connecting.removeFirst(), new Stream());
        assertEquals(0, server.allocationCount());
        assertTrue(ports.isEmpty(), "ports");
        assertTrue(listening.isEmpty(), "ports for connections");
        assertTrue(open.isEmpty(), "connections with peers");
    }

    @Override
    public RelayPort listen(Settings.Relay relay, int port) {
        var made =
                new ListeningPort(relay.local().withPort(port), relay.announced().withPort(port));
        listening.add(made);
        return made;
    }

    @Override
    public void connect(RelayPort port, PeerConnection connection, TransportAddress peer) {
        connecting.add(connection);
    }

    @Override
    public void join(StreamClient client, PeerConnection connection) {
        joined.add(connection);
        ((ConnectedClient) client).carries = true;
    }
}
