package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.net.udp.UdpDatagram;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Channels;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.allocation.RelayPort;
import dev.peerline.turn.policy.RateLimit;

import java.nio.ByteBuffer;

/**
 * Relayed packets: ChannelData, Send and Data (RFC 8656 §11, §12). No object a packet, and the
 * payload stays where it was received. Not thread-safe.
 */
final class RelayPath {
    private static final int CHANNEL_HEADER_BYTES = 4;

    /** STUN header, XOR-PEER-ADDRESS of IPv6, header of DATA. */
    private static final int DATA_HEAD_BYTES = 20 + 24 + 4;

    /** What still fits a Data indication in a datagram, and its 16-bit lengths. */
    private static final int MAX_PAYLOAD_BYTES = 65_507 - DATA_HEAD_BYTES - 3;

    private final LoopState loop;
    private final PeerCheck check;
    private final MutableAddress peer = new MutableAddress();
    private final StunWriter writer = new StunWriter();
    private final int transactionHigh;
    private long transactionLow;

    RelayPath(LoopState loop, PeerCheck check) {
        this.loop = loop;
        this.check = check;
        transactionHigh = loop.random.nextInt();
        transactionLow = loop.random.nextLong();
    }

    /** ChannelData from a client, {@code length} bytes with header and padding (§12.5, §12.6). */
    void channelData(Allocation allocation, int offset, int length) {
        ByteBuffer memory = loop.ground.memory();
        int word = memory.getInt(offset);
        int bytes = word & 0xffff;
        if (bytes > length - CHANNEL_HEADER_BYTES) {
            loop.counters.increment(Counter.MALFORMED);
            return;
        }
        Channels channels = allocation.channels();
        int channel = channels.byNumber(word >>> 16, loop.nowNanos);
        if (channel < 0) {
            loop.counters.increment(Counter.NOT_PERMITTED);
            return;
        }
        peer.set(channels.high(channel), channels.low(channel), channels.port(channel));
        UdpDatagram datagram = loop.ground.outgoing().of(offset + CHANNEL_HEADER_BYTES, bytes);
        toPeer(allocation, datagram, channels.isOwn(channel));
    }

    /** A Send indication from a client (§11.2). Whatever is wrong with it, nobody is told. */
    void send(Allocation allocation, StunReader message) {
        int address = message.find(StunAttribute.XOR_PEER_ADDRESS);
        int data = message.find(StunAttribute.DATA);
        if (address < 0 || data < 0 || message.xorAddress(address, peer) == 0) {
            loop.counters.increment(Counter.MALFORMED);
            return;
        }
        if (!allocation.permissions().permits(peer.high(), peer.low(), loop.nowNanos)) {
            loop.counters.increment(Counter.NOT_PERMITTED);
            return;
        }
        UdpDatagram datagram = loop.ground.outgoing();
        datagram.of(message.valueOffset(data), message.valueLength(data));
        datagram.dontFragment(message.has(StunAttribute.DONT_FRAGMENT));
        toPeer(allocation, datagram, allocation.permissions().lastIsOwn());
    }

    private void toPeer(Allocation allocation, UdpDatagram datagram, boolean own) {
        RelayPort port = allocation.port(peer.isIpv4());
        if (port == null || port.isTcp()) {
            loop.counters.increment(Counter.NOT_PERMITTED);
            return;
        }
        if (own && !reachesOwn(allocation.client())) return;
        if (!mayRelay(allocation, datagram.length())) return;
        loop.counters.add(Counter.CLIENT_PACKETS, 1);
        loop.counters.add(Counter.CLIENT_BYTES, datagram.length());
        loop.ground.toPeer(port, datagram, peer);
    }

    private boolean reachesOwn(Client client) {
        if (!check.mayReachOwn(client, peer.high(), peer.low(), peer.port())) {
            loop.counters.increment(Counter.FORBIDDEN_PEERS);
            return false;
        }
        // What is announced may be a NAT's: our own packets need not go that way
        loop.shared.own().toLocal(peer);
        return true;
    }

    private boolean mayRelay(Allocation allocation, int bytes) {
        RateLimit user = allocation.bandwidth();
        boolean may =
                (user == null || user.take(bytes, loop.nowNanos))
                        && loop.shared.bandwidth().take(bytes, loop.nowNanos);
        if (!may) loop.counters.increment(Counter.OVER_BANDWIDTH);
        return may;
    }

    /**
     * Counts what goes through a TCP connection.
     *
     * @return whether it keeps within the limits; what is there may go on all the same
     */
    boolean streamed(Allocation allocation, int bytes, boolean fromPeer) {
        loop.counters.add(fromPeer ? Counter.PEER_BYTES : Counter.CLIENT_BYTES, bytes);
        RateLimit user = allocation.bandwidth();
        boolean within = user == null || user.charge(bytes, loop.nowNanos);
        return loop.shared.bandwidth().charge(bytes, loop.nowNanos) && within;
    }

    /** One datagram from a peer (§11.3, §12.7). */
    void fromPeer(Allocation allocation, MutableAddress source, int offset, int length) {
        if (length > MAX_PAYLOAD_BYTES) {
            loop.counters.increment(Counter.UNWANTED);
            return;
        }
        if (!allocation.permissions().permits(source.high(), source.low(), loop.nowNanos)) {
            loop.counters.increment(Counter.UNWANTED);
            return;
        }
        Client client = allocation.client();
        if (allocation.permissions().lastIsOwn()
                && !check.mayReachOwn(client, source.high(), source.low(), source.port())) {
            loop.counters.increment(Counter.UNWANTED);
            return;
        }
        if (isOwnRelay(client) || !mayRelay(allocation, length)) return;
        Channels channels = allocation.channels();
        int channel = channels.byPeer(source.high(), source.low(), source.port(), loop.nowNanos);
        UdpDatagram datagram =
                channel >= 0
                        ? channelHead(channels.number(channel), offset, length)
                        : dataHead(source, offset, length);
        boolean padded = channel < 0 || client.isReliable();
        if (padded) datagram.pad(-length & 3);
        loop.counters.add(Counter.PEER_PACKETS, 1);
        loop.counters.add(Counter.PEER_BYTES, length);
        loop.ground.toClient(client, datagram);
    }

    /**
     * RFC 8656 §21.1.7: a client whose address is one of our relayed addresses would let packets go
     * round for ever. Nobody gets such an allocation; a port may have become ours since.
     */
    private boolean isOwnRelay(Client client) {
        if (client.isReliable()) return false;
        TransportAddress remote = client.remote();
        return loop.shared.own().isLive(remote.high(), remote.low(), remote.port());
    }

    private UdpDatagram channelHead(int number, int offset, int length) {
        int head = loop.ground.scratch(CHANNEL_HEADER_BYTES);
        loop.ground.memory().putInt(head, number << 16 | length);
        return loop.ground.outgoing().of(head, CHANNEL_HEADER_BYTES, offset, length);
    }

    private UdpDatagram dataHead(MutableAddress source, int offset, int length) {
        int head = beginData(source);
        ByteBuffer memory = loop.ground.memory();
        int end = head + writer.length();
        memory.putInt(end, StunAttribute.DATA << 16 | length);
        int bytes = writer.length() + 4;
        memory.putShort(head + 2, (short) (bytes - StunReader.HEADER_BYTES + (length + 3 & ~3)));
        return loop.ground.outgoing().of(head, bytes, offset, length);
    }

    private int beginData(MutableAddress source) {
        int head = loop.ground.scratch(DATA_HEAD_BYTES);
        int type = StunType.of(StunType.DATA, StunType.INDICATION);
        transactionLow += 0x9e3779b97f4a7c15L;
        writer.begin(loop.ground.memory(), head, type, transactionHigh, transactionLow)
                .xorAddress(StunAttribute.XOR_PEER_ADDRESS, source);
        return head;
    }

    /** An ICMP error for what this allocation sent to a peer (§11.5, §18.13). */
    void icmp(Allocation allocation, TransportAddress destination, int type, int code, int data) {
        loop.counters.increment(Counter.ICMP_ERRORS);
        MutableAddress source = new MutableAddress().set(destination);
        if (!allocation.permissions().permits(source.high(), source.low(), loop.nowNanos)) return;
        int head = beginData(source);
        long value = (long) (type << 9 | (code & 0x1ff)) << 32 | Integer.toUnsignedLong(data);
        writer.longNumber(StunAttribute.ICMP, value);
        loop.ground.toClient(allocation.client(), loop.ground.outgoing().of(head, writer.length()));
    }
}
