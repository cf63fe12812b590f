package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunFingerprint;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.PeerConnection;
import dev.peerline.turn.allocation.PeerStream;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.auth.Nonces;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * A STUN and TURN server as a state machine: what arrives goes in, what is to be sent goes to the
 * {@link Ground}. One a loop, with the allocations of that loop. Not thread-safe.
 */
public final class TurnServer {
    private static final int MAX_UNKNOWN = 8;
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LoopState loop;
    private final Answers answers;
    private final Authenticator authenticator;
    private final AllocateHandler allocations;
    private final PeerHandler peers;
    private final RelayPath path;
    private final TcpHandler tcp;
    private final Mobility mobility;
    private final StunReader message = new StunReader();
    private final MutableAddress clientRemote = new MutableAddress();
    private final MutableAddress clientLocal = new MutableAddress();
    private final MutableAddress source = new MutableAddress();
    private final int[] unknown = new int[MAX_UNKNOWN];
    private long nextSweepNanos;

    /**
     * @param random secure: ports, tokens and hash keys come from it
     */
    public TurnServer(
            Shared shared,
            Ground ground,
            RandomGenerator random,
            Counters counters,
            long nowNanos) {
        loop = new LoopState(shared, ground, random, counters, nowNanos);
        StunIntegrity integrity = new StunIntegrity();
        Nonces nonces = new Nonces(shared.nonceKey());
        PeerCheck check = new PeerCheck(loop);
        answers = new Answers(loop, integrity, nonces);
        authenticator = new Authenticator(loop, integrity, nonces);
        allocations = new AllocateHandler(loop, answers);
        peers = new PeerHandler(loop, answers, check);
        path = new RelayPath(loop, check);
        tcp = new TcpHandler(loop, answers, check);
        mobility = allocations.mobility();
        nextSweepNanos = nowNanos + SWEEP_NANOS;
    }

    /** Where a datagram came from, before anybody is worth an object. */
    public interface Sender {
        MutableAddress remote();

        /** With the port of the listener. */
        MutableAddress local();

        /** An object that stays valid. */
        Client toClient();
    }

    /** Says what time it is, and ends what has run out. To be called before anything else. */
    public void advance(long nowNanos, long epochSeconds) {
        loop.nowNanos = nowNanos;
        loop.epochSeconds = epochSeconds;
        if (nextSweepNanos - nowNanos > 0) return;
        nextSweepNanos = nowNanos + SWEEP_NANOS;
        loop.shared.reservations().dropExpired(nowNanos);
        tcp.dropOverdue();
        for (Allocation due = loop.deadlines.poll(nowNanos);
                due != null;
                due = loop.deadlines.poll(nowNanos)) {
            if (due.expiresAtNanos() - nowNanos > 0) {
                due.permissions().dropExpired(nowNanos);
                due.channels().dropExpired(nowNanos);
                loop.deadlines.add(due, due.expiresAtNanos());
            } else {
                loop.end(due, "expired");
            }
        }
    }

    /** When {@link #advance} has something to do. */
    public long deadlineNanos() {
        return nextSweepNanos;
    }

    public int allocationCount() {
        return loop.deadlines.count();
    }

    /** One datagram, or a run of them of {@code segment} bytes each, from a client over UDP. */
    public void datagrams(Sender sender, int offset, int length, int segment) {
        ByteBuffer memory = loop.ground.memory();
        Allocation allocation = loop.table.find(sender.remote(), sender.local());
        int end = offset + length;
        for (int at = offset; at < end; at += segment) {
            int bytes = Math.min(segment, end - at);
            if (bytes < 4) {
                loop.counters.increment(Counter.MALFORMED);
            } else if ((memory.get(at) & 0xc0) == 0x40) {
                if (allocation != null) path.channelData(allocation, at, bytes);
                else loop.counters.increment(Counter.NOT_PERMITTED);
            } else {
                stun(sender, allocation, at, bytes);
                allocation = loop.table.find(sender.remote(), sender.local());
            }
        }
    }

    private void stun(Sender sender, @Nullable Allocation allocation, int offset, int bytes) {
        if (!parses(offset, bytes)) return;
        if (message.messageClass() == StunType.INDICATION) {
            indication(allocation);
        } else if (message.messageClass() == StunType.REQUEST) {
            request(allocation == null ? sender.toClient() : allocation.client(), allocation);
        }
    }

    private boolean parses(int offset, int bytes) {
        boolean good =
                message.parse(loop.ground.memory(), offset, bytes) == StunParse.OK
                        && StunFingerprint.isValid(message);
        if (!good) loop.counters.increment(Counter.MALFORMED);
        return good;
    }

    /** One message from a client on a connection: STUN, or ChannelData without its padding. */
    public void message(StreamClient client, int offset, int bytes) {
        Allocation allocation = client.allocation();
        if ((loop.ground.memory().get(offset) & 0xc0) == 0x40) {
            if (allocation != null) path.channelData(allocation, offset, bytes);
            else loop.counters.increment(Counter.NOT_PERMITTED);
            return;
        }
        if (!parses(offset, bytes)) return;
        if (message.messageClass() == StunType.INDICATION) indication(allocation);
        else if (message.messageClass() == StunType.REQUEST) request(client, allocation);
    }

    /** A connection is gone, and with it its 5-tuple. */
    public void disconnected(StreamClient client) {
        Allocation allocation = client.allocation();
        if (allocation != null) loop.end(allocation, "disconnected");
    }

    /** Whether a client that sends datagrams has an allocation. */
    public boolean hasAllocation(Client client) {
        return find(client) != null;
    }

    private @Nullable Allocation find(Client client) {
        return loop.table.find(clientRemote.set(client.remote()), clientLocal.set(client.local()));
    }

    /** A client that sends datagrams has said that it is gone. */
    public void left(Client client) {
        Allocation allocation = find(client);
        if (allocation != null) loop.end(allocation, "disconnected");
    }

    /** One datagram, or a run of them, from a peer. */
    public void fromPeer(RelayPort port, MutableAddress from, int offset, int length, int segment) {
        Allocation allocation = port.allocation();
        if (allocation == null) return;
        source.set(from);
        loop.shared.own().toAnnounced(source);
        int end = offset + length;
        int at = offset;
        do {
            path.fromPeer(allocation, source, at, Math.min(segment, end - at));
            at += Math.max(1, segment);
        } while (at < end);
    }

    /** An ICMP error for what was sent to a peer. */
    public void unreachable(RelayPort port, TransportAddress peer, int type, int code, int data) {
        Allocation allocation = port.allocation();
        if (allocation != null) path.icmp(allocation, peer, type, code, data);
    }

    /** What became of {@link Ground#connect}; null: no connection. */
    public void connected(PeerConnection connection, @Nullable PeerStream stream) {
        tcp.connected(connection, stream);
    }

    /** A peer has connected to a relay port for TCP. */
    public void accepted(RelayPort port, TransportAddress from, PeerStream stream) {
        tcp.accepted(port, from, stream);
    }

    /** One side of a TCP connection with a peer has ended. */
    public void ended(PeerConnection connection) {
        tcp.ended(connection);
    }

    /**
     * Bytes that pass a TCP connection with a peer.
     *
     * @return false if that is more than the limits allow, so that there should be a pause
     */
    public boolean streamed(PeerConnection connection, int bytes, boolean fromPeer) {
        return path.streamed(connection.allocation(), bytes, fromPeer);
    }

    private void indication(@Nullable Allocation allocation) {
        if (message.method() != StunType.SEND) return; // Binding indications keep NATs open
        if (allocation == null || unknownAttributes() > 0) {
            loop.counters.increment(Counter.NOT_PERMITTED);
            return;
        }
        path.send(allocation, message);
    }

    private void request(Client client, @Nullable Allocation allocation) {
        if (message.method() == StunType.BINDING) {
            loop.counters.increment(Counter.BINDING_REQUESTS);
            binding(client);
            return;
        }
        if (!isTurn(message.method())) {
            loop.counters.increment(Counter.MALFORMED);
            return;
        }
        loop.counters.increment(Counter.REQUESTS);
        Authenticator.Verdict verdict = authenticator.check(message, client, goingOn(allocation));
        Allocation.Owner owner = verdict.owner();
        if (owner == null) refuse(client, verdict.error());
        else authenticated(client, allocation, owner);
    }

    /** The allocation whose credential may go on though its time is over. */
    private @Nullable Allocation goingOn(@Nullable Allocation allocation) {
        if (allocation != null || message.method() != StunType.REFRESH) return allocation;
        Mobility.Place place = mobility.find(message);
        return place == null ? null : place.allocation(); // its owner alone is looked at
    }

    private void binding(Client client) {
        int count = unknownAttributes();
        if (count > 0) {
            answers.unknownAttributesToStranger(message, client, unknown, count);
            return;
        }
        Discovery discovery = client.isReliable() ? null : loop.shared.discovery();
        int change = message.find(StunAttribute.CHANGE_REQUEST);
        int flags = change < 0 ? 0 : (int) message.number(change);
        TransportAddress origin =
                discovery == null ? null : discovery.answering(client.local(), flags);
        TransportAddress other =
                discovery == null
                        ? null
                        : discovery.answering(
                                client.local(), Discovery.CHANGE_IP | Discovery.CHANGE_PORT);
        if (origin == null || other == null) answers.binding(message, client);
        else answers.binding(message, client, origin, other);
    }

    private void refuse(Client client, int code) {
        if (code == 400) {
            answers.errorToStranger(message, client, code);
            return;
        }
        loop.counters.increment(code == 438 ? Counter.STALE_NONCES : Counter.CHALLENGES);
        answers.challenge(message, client, code);
    }

    private static boolean isTurn(int method) {
        return method == StunType.ALLOCATE
                || method == StunType.REFRESH
                || method == StunType.CREATE_PERMISSION
                || method == StunType.CHANNEL_BIND
                || TcpHandler.isTcp(method);
    }

    private void authenticated(
            Client client, @Nullable Allocation allocation, Allocation.Owner owner) {
        int count = unknownAttributes();
        if (count > 0) {
            answers.unknownAttributes(message, client, owner, unknown, count);
            return;
        }
        boolean others =
                allocation != null && !allocation.owner().username().equals(owner.username());
        if (others) {
            answers.error(message, client, owner, 441, "Wrong Credentials");
            return;
        }
        if (message.method() == StunType.CONNECTION_BIND && client instanceof StreamClient it) {
            tcp.connectionBind(message, it, owner);
        } else if (message.method() == StunType.ALLOCATE) {
            allocations.allocate(message, client, allocation, owner);
        } else if (allocation == null
                && message.method() == StunType.REFRESH
                && message.has(StunAttribute.MOBILITY_TICKET)) {
            mobility.refresh(message, client, owner);
        } else if (allocation == null) {
            noAllocation(client, owner);
        } else {
            switch (message.method()) {
                case StunType.REFRESH -> allocations.refresh(message, client, allocation, owner);
                case StunType.CREATE_PERMISSION ->
                        peers.createPermission(message, client, allocation, owner);
                case StunType.CONNECT -> tcp.connect(message, client, allocation, owner);
                case StunType.CONNECTION_BIND ->
                        answers.error(message, client, owner, 400, "Bad Request");
                default -> peers.channelBind(message, client, allocation, owner);
            }
        }
    }

    private void noAllocation(Client client, Allocation.Owner owner) {
        int lifetime = message.find(StunAttribute.LIFETIME);
        boolean release =
                message.method() == StunType.REFRESH
                        && lifetime >= 0
                        && message.number(lifetime) == 0;
        // RFC 8656 §8.2: a release that comes again is a success
        if (release) {
            answers.success(
                    message, client, owner, writer -> writer.number(StunAttribute.LIFETIME, 0));
        } else {
            answers.error(message, client, owner, 437, "Allocation Mismatch");
        }
    }

    /** Fills {@link #unknown}, and answers how many attributes must be understood and are not. */
    private int unknownAttributes() {
        int count = 0;
        for (int i = 0; i < message.attributeCount() && count < MAX_UNKNOWN; i++) {
            int type = message.attributeType(i);
            if (StunAttribute.comprehensionRequired(type) && !isKnown(type))
                unknown[count++] = type;
        }
        return count;
    }

    private boolean isKnown(int type) {
        return switch (type) {
            case StunAttribute.USERNAME,
                    StunAttribute.USERHASH,
                    StunAttribute.REALM,
                    StunAttribute.NONCE,
                    StunAttribute.MESSAGE_INTEGRITY,
                    StunAttribute.MESSAGE_INTEGRITY_SHA256,
                    StunAttribute.PASSWORD_ALGORITHM,
                    StunAttribute.ERROR_CODE,
                    StunAttribute.UNKNOWN_ATTRIBUTES,
                    StunAttribute.MAPPED_ADDRESS,
                    StunAttribute.XOR_MAPPED_ADDRESS,
                    StunAttribute.CHANNEL_NUMBER,
                    StunAttribute.LIFETIME,
                    StunAttribute.XOR_PEER_ADDRESS,
                    StunAttribute.XOR_RELAYED_ADDRESS,
                    StunAttribute.DATA,
                    StunAttribute.REQUESTED_ADDRESS_FAMILY,
                    StunAttribute.EVEN_PORT,
                    StunAttribute.REQUESTED_TRANSPORT,
                    StunAttribute.RESERVATION_TOKEN,
                    StunAttribute.CONNECTION_ID ->
                    true;
            case StunAttribute.CHANGE_REQUEST ->
                    message.method() == StunType.BINDING && loop.shared.discovery() != null;
            case StunAttribute.DONT_FRAGMENT -> loop.settings().dontFragment();
            // PRIORITY, USE-CANDIDATE: clients mix ICE's attributes into Binding requests
            case 0x0024, 0x0025 -> message.method() == StunType.BINDING;
            default -> false;
        };
    }

    /** Ends everything, when the loop does. */
    public void close() {
        for (Allocation next = loop.deadlines.any(); next != null; next = loop.deadlines.any()) {
            loop.end(next, "shutdown");
        }
    }
}
