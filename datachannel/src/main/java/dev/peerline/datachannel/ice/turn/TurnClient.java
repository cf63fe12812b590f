package dev.peerline.datachannel.ice.turn;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * One allocation at a TURN server (RFC 8656). A state machine: time comes as a parameter, what is
 * to be done is told to {@link TurnEvents}. Permissions are asked for when a peer is first sent to,
 * channels when it is first sent something other than STUN; both are renewed while they are used.
 * Not thread-safe.
 */
public final class TurnClient {
    private static final long SECOND = 1_000_000_000;
    private static final int UDP_PROTOCOL = 17;
    private static final int LARGEST_MESSAGE = 2048;
    private static final int CHANNEL_HEADER_BYTES = 4;

    /** Permissions last 5 minutes (RFC 8656 §9), channels 10. */
    private static final long RENEW_NANOS = 240 * SECOND;

    /** A peer that nothing was sent to for so long is let go. */
    private static final long IDLE_NANOS = 300 * SECOND;

    /** RFC 8656 §7: a minute before the allocation ends, it is refreshed. */
    private static final long REFRESH_MARGIN_SECONDS = 60;

    private final TurnOptions options;
    private final TurnEvents events;
    private final LongSupplier random;
    private final StunReader reader = new StunReader();
    private final StunWriter writer = new StunWriter();
    private final StunIntegrity integrity = new StunIntegrity();
    private final ByteBuffer out = ByteBuffer.allocate(LARGEST_MESSAGE);
    private final MutableAddress address = new MutableAddress();
    private final Peers peers = new Peers();
    private final List<Transaction> transactions = new ArrayList<>();
    private byte[] nonce = {};
    private String realm = "";
    private byte[] key = {};
    private boolean ipv6;
    private boolean allocated;
    private boolean over;
    private long refreshAtNanos = Long.MAX_VALUE;

    /**
     * A client that has done nothing yet.
     *
     * @param random for transaction ids, of a secure source
     */
    public TurnClient(TurnOptions options, TurnEvents events, LongSupplier random) {
        this.options = options;
        this.events = events;
        this.random = random;
        ipv6 = options.ipv6();
    }

    /** Asks for an allocation. */
    public void start(long nowNanos) {
        ask(StunType.ALLOCATE, null, nowNanos);
    }

    public boolean isAllocated() {
        return allocated && !over;
    }

    /** When {@link #advance} is to be called, or {@link Long#MAX_VALUE}. */
    public long deadline(long nowNanos) {
        if (over) return Long.MAX_VALUE;
        long left = Long.MAX_VALUE;
        for (Transaction each : transactions) {
            left = Math.min(left, Math.min(each.sendAtNanos, each.endNanos) - nowNanos);
        }
        if (allocated) {
            left = Math.min(left, refreshAtNanos - nowNanos);
            for (Peers.Peer each : peers.all()) {
                if (each.permitted) left = Math.min(left, each.renewAtNanos - nowNanos);
            }
        }
        return left == Long.MAX_VALUE ? left : nowNanos + Math.max(0, left);
    }

    /** Sends again, refreshes and gives up what is due. */
    public void advance(long nowNanos) {
        for (Transaction each : List.copyOf(transactions)) {
            if (over) return;
            if (nowNanos - each.endNanos >= 0) expire(each);
            else if (nowNanos - each.sendAtNanos >= 0) transmit(each, nowNanos);
        }
        if (!allocated || over) return;
        if (nowNanos - refreshAtNanos >= 0) {
            refreshAtNanos = nowNanos + options.timeoutNanos() + SECOND; // asked again if refused
            ask(StunType.REFRESH, null, nowNanos);
        }
        for (Peers.Peer each : peers.all()) renew(each, nowNanos);
    }

    private void renew(Peers.Peer peer, long nowNanos) {
        if (!peer.permitted || nowNanos - peer.renewAtNanos < 0) return;
        if (nowNanos - peer.usedNanos > IDLE_NANOS) {
            peer.permitted = false;
            peer.bound = false;
            return;
        }
        peer.renewAtNanos = nowNanos + RENEW_NANOS;
        ask(peer.bound ? StunType.CHANNEL_BIND : StunType.CREATE_PERMISSION, peer, nowNanos);
    }

    /**
     * Sends to a peer through the relay.
     *
     * @param payload position to limit, which are left alone
     * @return false if it was dropped: no allocation, too many peers, or the peer is refused
     */
    public boolean send(ByteBuffer payload, TransportAddress to, long nowNanos) {
        if (!isAllocated() || payload.remaining() + 64 > LARGEST_MESSAGE) return false;
        Peers.Peer peer = peers.at(to);
        if (peer == null || peer.refused) return false;
        peer.usedNanos = nowNanos;
        if (peer.bound) {
            channelData(peer, payload);
            return true;
        }
        boolean stun = payload.hasRemaining() && payload.get(payload.position()) >>> 2 == 0;
        if (peer.permitted) {
            indicate(peer, payload);
            if (!stun && !peer.binding) {
                peer.binding = true;
                ask(StunType.CHANNEL_BIND, peer, nowNanos);
            }
            return true;
        }
        if (peer.held.isEmpty()) ask(StunType.CREATE_PERMISSION, peer, nowNanos);
        if (peer.held.size() == Peers.Peer.MAX_HELD) return false;
        byte[] copy = new byte[payload.remaining()];
        payload.get(payload.position(), copy);
        peer.held.add(copy);
        return true;
    }

    private void channelData(Peers.Peer peer, ByteBuffer payload) {
        int bytes = payload.remaining();
        out.clear();
        out.putShort(0, (short) peer.channel).putShort(2, (short) bytes);
        out.put(CHANNEL_HEADER_BYTES, payload, payload.position(), bytes);
        int end = CHANNEL_HEADER_BYTES + bytes;
        // RFC 8656 §12.5: padded over streams alone
        for (; options.stream() && (end & 3) != 0; end++) out.put(end, (byte) 0);
        events.transmit(out.limit(end));
    }

    private void indicate(Peers.Peer peer, ByteBuffer payload) {
        byte[] data = new byte[payload.remaining()];
        payload.get(payload.position(), data);
        int type = StunType.of(StunType.SEND, StunType.INDICATION);
        writer.begin(out.clear(), 0, type, (int) random.getAsLong(), random.getAsLong())
                .xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer.address)
                .bytes(StunAttribute.DATA, data);
        events.transmit(out.limit(writer.length()));
    }

    /** Gives the allocation up; nothing is told any more. */
    public void close(long nowNanos) {
        if (isAllocated()) {
            Transaction last = new Transaction(StunType.REFRESH, null, nowNanos, 0);
            last.lifetimeSeconds = 0;
            transmit(last, nowNanos);
        }
        over = true;
    }

    // --- requests -------------------------------------------------------------------------------

    private void ask(int method, Peers.@Nullable Peer peer, long nowNanos) {
        Transaction it = new Transaction(method, peer, nowNanos, options.timeoutNanos());
        transactions.add(it);
        transmit(it, nowNanos);
    }

    private void transmit(Transaction it, long nowNanos) {
        if (it.idLow == 0) {
            it.idHigh = (int) random.getAsLong();
            it.idLow = random.getAsLong() | 1;
        }
        it.sendAtNanos = options.stream() ? it.endNanos : nowNanos + it.waitNanos;
        it.waitNanos = Math.min(2 * it.waitNanos, Transaction.LONGEST_WAIT_NANOS);
        writer.begin(out.clear(), 0, StunType.of(it.method, StunType.REQUEST), it.idHigh, it.idLow);
        switch (it.method) {
            case StunType.ALLOCATE -> {
                writer.number(StunAttribute.REQUESTED_TRANSPORT, (long) UDP_PROTOCOL << 24);
                if (ipv6) writer.number(StunAttribute.REQUESTED_ADDRESS_FAMILY, 2L << 24);
            }
            case StunType.REFRESH -> {
                if (it.lifetimeSeconds >= 0)
                    writer.number(StunAttribute.LIFETIME, it.lifetimeSeconds);
            }
            case StunType.CHANNEL_BIND -> {
                writer.number(StunAttribute.CHANNEL_NUMBER, (long) peer(it).channel << 16);
                writer.xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer(it).address);
            }
            default -> writer.xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer(it).address);
        }
        it.signed = key.length > 0;
        if (it.signed) {
            writer.text(StunAttribute.USERNAME, options.username())
                    .text(StunAttribute.REALM, realm)
                    .bytes(StunAttribute.NONCE, nonce)
                    .integrity(integrity, StunIntegrity.Kind.SHA1, key);
        }
        events.transmit(out.limit(writer.length()));
    }

    private static Peers.Peer peer(Transaction it) {
        if (it.peer == null) throw new AssertionError("a request about a peer has one");
        return it.peer;
    }

    private void expire(Transaction it) {
        transactions.remove(it);
        failed(it, 0);
    }

    private void failed(Transaction it, int code) {
        switch (it.method) {
            case StunType.ALLOCATE, StunType.REFRESH -> {
                over = true;
                events.failed(code, code == 0 ? TurnHint.SILENT : TurnHint.of(code));
            }
            case StunType.CHANNEL_BIND -> {
                // packets go on in indications, which cost 32 bytes more
                peer(it).bound = false;
                if (code == 403) refuse(peer(it));
            }
            default -> refuse(peer(it));
        }
    }

    private static void refuse(Peers.Peer peer) {
        peer.permitted = false;
        peer.refused = true;
        peer.held.clear();
    }

    // --- what the server says -------------------------------------------------------------------

    /** Takes one message; position to limit. What is malformed or not expected is ignored. */
    public void received(ByteBuffer message, long nowNanos) {
        if (over || message.remaining() < CHANNEL_HEADER_BYTES) return;
        int at = message.position();
        if (message.get(at) >>> 6 == 1) {
            relayed(message, at);
            return;
        }
        if (reader.parse(message, at, message.remaining()) != StunParse.OK) return;
        int method = reader.method();
        switch (reader.messageClass()) {
            case StunType.INDICATION -> {
                if (method == StunType.DATA) indicated(message);
            }
            case StunType.SUCCESS, StunType.ERROR -> answered(nowNanos);
            default -> {
                // servers ask nothing
            }
        }
    }

    private void relayed(ByteBuffer message, int at) {
        Peers.Peer peer = peers.byChannel(Short.toUnsignedInt(message.getShort(at)));
        int length = Short.toUnsignedInt(message.getShort(at + 2));
        if (peer == null || length > message.remaining() - CHANNEL_HEADER_BYTES) return;
        events.packet(peer.address, message.slice(at + CHANNEL_HEADER_BYTES, length));
    }

    private void indicated(ByteBuffer message) {
        int from = reader.find(StunAttribute.XOR_PEER_ADDRESS);
        int data = reader.find(StunAttribute.DATA);
        if (from < 0 || data < 0 || reader.xorAddress(from, address) == 0) return;
        ByteBuffer payload = message.slice(reader.valueOffset(data), reader.valueLength(data));
        events.packet(address.toAddress(), payload);
    }

    private void answered(long nowNanos) {
        Transaction it = null;
        for (Transaction each : transactions) {
            boolean same =
                    each.idHigh == reader.transactionHigh()
                            && each.idLow == reader.transactionLow();
            if (same && each.method == reader.method()) it = each;
        }
        if (it == null) return;
        if (reader.messageClass() == StunType.ERROR) {
            refused(it, reader.errorCode(), nowNanos);
            return;
        }
        boolean authentic = integrity.verify(StunIntegrity.Kind.SHA1, reader, key);
        if (it.signed && !authentic) return;
        transactions.remove(it);
        switch (it.method) {
            case StunType.ALLOCATE -> allocated(it, nowNanos);
            case StunType.REFRESH -> refreshAtNanos = refreshAt(nowNanos);
            case StunType.CHANNEL_BIND -> {
                peer(it).bound = true;
                peer(it).renewAtNanos = nowNanos + RENEW_NANOS;
            }
            default -> permitted(peer(it), nowNanos);
        }
    }

    private void allocated(Transaction it, long nowNanos) {
        int relayed = reader.find(StunAttribute.XOR_RELAYED_ADDRESS);
        int mapped = reader.find(StunAttribute.XOR_MAPPED_ADDRESS);
        if (relayed < 0 || mapped < 0 || reader.xorAddress(relayed, address) == 0) {
            failed(it, 400);
            return;
        }
        TransportAddress relay = address.toAddress();
        if (reader.xorAddress(mapped, address) == 0) {
            failed(it, 400);
            return;
        }
        allocated = true;
        refreshAtNanos = refreshAt(nowNanos);
        events.allocated(relay, address.toAddress());
    }

    private long refreshAt(long nowNanos) {
        int index = reader.find(StunAttribute.LIFETIME);
        long seconds = index < 0 ? -1 : reader.number(index);
        if (seconds <= 0) seconds = 600; // RFC 8656 §3.2: the default
        long margin = Math.min(REFRESH_MARGIN_SECONDS, seconds / 2);
        return nowNanos + (seconds - margin) * SECOND;
    }

    private void permitted(Peers.Peer peer, long nowNanos) {
        peer.permitted = true;
        peer.renewAtNanos = nowNanos + RENEW_NANOS;
        for (byte[] each; (each = peer.held.poll()) != null; ) {
            send(ByteBuffer.wrap(each), peer.address, nowNanos);
        }
    }

    private void refused(Transaction it, int code, long nowNanos) {
        boolean challenge = code == 401 || code == 438;
        // with credentials that were right for this realm and nonce, 401 means they are wrong
        boolean wrong = code == 401 && it.signed;
        if (challenge && !wrong && it.challenges < Transaction.MAX_CHALLENGES && challenged()) {
            again(it, nowNanos);
            it.challenges++;
            return;
        }
        if (code == 440 && it.method == StunType.ALLOCATE && ipv6) {
            ipv6 = false; // the server relays IPv4 alone
            again(it, nowNanos);
            return;
        }
        transactions.remove(it);
        failed(it, code);
    }

    /** Takes realm and nonce of a challenge. */
    private boolean challenged() {
        int newNonce = reader.find(StunAttribute.NONCE);
        int newRealm = reader.find(StunAttribute.REALM);
        if (newNonce < 0 || newRealm < 0) return false;
        nonce = reader.value(newNonce);
        if (nonce.length > 763 || reader.valueLength(newRealm) > 763) return false; // RFC 8489 §14
        realm = reader.text(newRealm);
        key = PasswordAlgorithm.MD5.key(options.username(), realm, options.password());
        return true;
    }

    private void again(Transaction it, long nowNanos) {
        it.idLow = 0;
        it.waitNanos = Transaction.FIRST_WAIT_NANOS;
        transmit(it, nowNanos);
    }
}
