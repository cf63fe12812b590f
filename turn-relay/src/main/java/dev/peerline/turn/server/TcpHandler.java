package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.PeerStream;
import dev.peerline.turn.allocation.RelayPort;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.List;

/** TCP to peers (RFC 6062): Connect, ConnectionBind, and peers that connect. Not thread-safe. */
final class TcpHandler {
    private final LoopState loop;
    private final Answers answers;
    private final PeerCheck check;
    private final MutableAddress peer = new MutableAddress();

    TcpHandler(LoopState loop, Answers answers, PeerCheck check) {
        this.loop = loop;
        this.answers = answers;
        this.check = check;
    }

    /** §5.2. The answer comes when the connection is there, or is not to be had. */
    void connect(StunReader request, Client client, Allocation allocation, Allocation.Owner owner) {
        int index = request.find(StunAttribute.XOR_PEER_ADDRESS);
        int family = index < 0 ? 0 : request.xorAddress(index, peer);
        if (family == 0 || !allocation.isTcp()) {
            answers.error(request, client, owner, 400, "Bad Request");
            return;
        }
        String rule = forbids(family, client);
        if (rule != null) {
            loop.counters.increment(Counter.FORBIDDEN_PEERS);
            loop.ground.note(
                    new Ground.Note.Forbidden(Names.clean(owner.account()), peer.toString(), rule));
            answers.error(request, client, owner, 403, "Forbidden");
            return;
        }
        RelayPort port = allocation.port(family == 4);
        if (port == null) {
            answers.error(request, client, owner, 443, "Peer Address Family Mismatch");
            return;
        }
        if (find(allocation) != null) {
            answers.error(request, client, owner, 446, "Connection Already Exists");
            return;
        }
        byte[] copy = new byte[request.length()];
        request.buffer().get(request.offset(), copy);
        PeerConnection made = add(allocation, copy);
        if (made == null) {
            loop.counters.increment(Counter.QUOTA_REACHED);
            answers.error(request, client, owner, 508, "Too Many Connections");
            return;
        }
        MutableAddress target = new MutableAddress().set(peer);
        loop.shared.own().toLocal(target);
        loop.ground.connect(port, made, target.toAddress());
    }

    private @Nullable String forbids(int family, Client client) {
        String rule = check.forbids(family, peer, client);
        if (rule != null || !check.isOwn(peer)) return rule;
        return check.mayReachOwn(client, peer.high(), peer.low(), peer.port())
                ? null
                : "own-address";
    }

    private @Nullable PeerConnection find(Allocation allocation) {
        for (PeerConnection it : allocation.connections()) if (peer.is(it.peer())) return it;
        return null;
    }

    private @Nullable PeerConnection add(Allocation allocation, byte[] request) {
        int limit = loop.settings().limits().maxChannels();
        if (allocation.connections().size() >= limit) return null;
        int id;
        do id = loop.random.nextInt();
        while (loop.peerConnections.containsKey(id));
        PeerConnection made =
                new PeerConnection(id, allocation, peer.toAddress(), request, loop.nowNanos);
        loop.peerConnections.put(id, made);
        allocation.add(made);
        return made;
    }

    /** What became of a connection to a peer; null: nothing. */
    void connected(PeerConnection connection, @Nullable PeerStream stream) {
        boolean wanted = loop.peerConnections.get(connection.id()) == connection;
        if (!wanted) {
            if (stream != null) stream.close();
            return;
        }
        if (stream == null) {
            fail(connection);
            return;
        }
        connection.stream(stream, loop.nowNanos);
        Allocation allocation = connection.allocation();
        answer(
                connection,
                request ->
                        answers.success(
                                request,
                                allocation.client(),
                                allocation.owner(),
                                it ->
                                        it.number(
                                                StunAttribute.CONNECTION_ID,
                                                unsigned(connection))));
    }

    private interface Answer {
        void to(StunReader request);
    }

    private static void answer(PeerConnection connection, Answer answer) {
        byte[] bytes = connection.takeConnectRequest();
        if (bytes.length == 0) return;
        StunReader request = new StunReader();
        request.parse(ByteBuffer.wrap(bytes), 0, bytes.length);
        answer.to(request);
    }

    private static long unsigned(PeerConnection connection) {
        return Integer.toUnsignedLong(connection.id());
    }

    private void fail(PeerConnection connection) {
        loop.forget(connection);
        Allocation allocation = connection.allocation();
        answer(
                connection,
                request ->
                        answers.error(
                                request,
                                allocation.client(),
                                allocation.owner(),
                                447,
                                "Connection Timeout or Failure"));
    }

    /** §5.3: a peer has connected to a relayed address. */
    void accepted(RelayPort port, TransportAddress from, PeerStream stream) {
        Allocation allocation = port.allocation();
        peer.set(from);
        loop.shared.own().toAnnounced(peer);
        if (allocation == null || !mayCome(allocation)) {
            loop.counters.increment(Counter.UNWANTED);
            stream.close();
            return;
        }
        PeerConnection made = add(allocation, new byte[0]);
        if (made == null) {
            loop.counters.increment(Counter.QUOTA_REACHED);
            stream.close();
            return;
        }
        made.stream(stream, loop.nowNanos);
        answers.connectionAttempt(allocation.client(), made.id(), peer);
    }

    private boolean mayCome(Allocation allocation) {
        boolean permitted =
                allocation.permissions().permits(peer.high(), peer.low(), loop.nowNanos);
        if (!permitted || !allocation.permissions().lastIsOwn()) return permitted;
        return check.mayReachOwn(allocation.client(), peer.high(), peer.low(), peer.port());
    }

    /** §5.4. */
    void connectionBind(StunReader request, StreamClient client, Allocation.Owner owner) {
        int index = request.find(StunAttribute.CONNECTION_ID);
        PeerConnection found =
                index < 0 ? null : loop.peerConnections.get((int) request.number(index));
        PeerStream stream = found == null ? null : found.stream();
        boolean good =
                found != null
                        && stream != null
                        && !found.isBound()
                        && client.allocation() == null
                        && found.allocation().owner().username().equals(owner.username());
        if (found == null || stream == null || !good) {
            answers.error(request, client, owner, 400, "Bad Request");
            return;
        }
        found.bind();
        answers.success(
                request,
                client,
                owner,
                it -> it.number(StunAttribute.CONNECTION_ID, unsigned(found)));
        loop.ground.join(client, found);
    }

    /** One of both sides of a connection has ended, and with it the other. */
    void ended(PeerConnection connection) {
        if (loop.peerConnections.get(connection.id()) == connection) loop.forget(connection);
    }

    void dropOverdue() {
        if (loop.peerConnections.isEmpty()) return;
        for (PeerConnection it : List.copyOf(loop.peerConnections.values()))
            if (it.isOverdue(loop.nowNanos)) fail(it);
    }

    static boolean isTcp(int method) {
        return method == StunType.CONNECT || method == StunType.CONNECTION_BIND;
    }
}
