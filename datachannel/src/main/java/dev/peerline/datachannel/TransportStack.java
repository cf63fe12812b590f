package dev.peerline.datachannel;

import dev.peerline.datachannel.dcep.ChannelEvent;
import dev.peerline.datachannel.dcep.DataChannels;
import dev.peerline.datachannel.dtls.DtlsCertificate;
import dev.peerline.datachannel.dtls.DtlsRole;
import dev.peerline.datachannel.dtls.DtlsTransport;
import dev.peerline.datachannel.dtls.PacketKind;
import dev.peerline.datachannel.ice.IceLoop;
import dev.peerline.datachannel.ice.IceSession;
import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.AssociationStats;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.SctpInit;
import dev.peerline.datachannel.sdp.Fingerprint;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;

/**
 * DTLS, SCTP and the channels on one path: moves packets and time between them. All of it belongs
 * to the loop; packets that come in one turn are answered together at its end.
 */
final class TransportStack implements DtlsTransport.Listener {
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Of what is said in the end, no more than this. */
    private static final int MAX_LAST_PACKETS = 128;

    /**
     * What the peer's description settles.
     *
     * @param sctpInit the peer's, when both descriptions have one: there is no handshake then
     */
    record Terms(
            DtlsRole role,
            List<Fingerprint> fingerprints,
            int remoteSctpPort,
            int maxMessageBytes,
            @Nullable SctpInit sctpInit) {}

    /** What the stack tells; in the loop. */
    interface Owner {
        void dtlsChanged();

        /** SCTP is about to begin: channels can be opened. */
        void channelsReady(DataChannels channels);

        void onChannelEvent(ChannelEvent event);

        /** Whether listeners keep up. */
        boolean takesMessages();

        /** Lets channels hand over what is queued; true when that gave work to the association. */
        boolean pushQueued(long nowNanos);

        void settleQueued();

        void peerClosed();

        void failed(String reason);
    }

    private final IceLoop loop;
    private final IceSession ice;
    private final SctpConfig sctp;
    private final Owner owner;
    private final DtlsTransport dtls;
    private final byte[] outgoing;
    private final long entropy = RANDOM.nextLong();
    private byte[] incoming = new byte[2048];
    private @Nullable Terms terms;
    private boolean pathFound;
    private boolean packetsWait;
    private @Nullable Association association;
    private @Nullable DataChannels channels;
    private final Burst burst = new Burst();
    private boolean turnScheduled;
    private IceLoop.@Nullable Timer timer;
    private long timerDueNanos;
    private boolean closed;

    TransportStack(
            IceSession ice,
            PeerConnectionOptions options,
            DtlsCertificate certificate,
            Owner owner) {
        this.ice = ice;
        this.owner = owner;
        loop = ice.loop();
        sctp = options.sctp();
        dtls = new DtlsTransport(certificate, options.dtls(), loop::execute, this);
        outgoing = new byte[sctp.maxPacketBytes() + DtlsTransport.OVERHEAD_BYTES];
    }

    /** What our association will begin with. */
    SctpInit localInit() {
        return new Association(sctp, entropy).localInit();
    }

    DtlsTransport.State dtlsState() {
        return dtls.state();
    }

    int cipherSuite() {
        return dtls.cipherSuite();
    }

    long refusedRecords() {
        return dtls.refusedRecords();
    }

    @Nullable AssociationStats sctpStats() {
        return association == null ? null : association.stats();
    }

    // --- in -------------------------------------------------------------------------------------

    /** Both descriptions are known. */
    void begin(Terms agreed) {
        terms = agreed;
        shakeHands();
    }

    /** ICE has a path, another one, or found that the one it has works again. */
    void pathChanged() {
        pathFound = true;
        shakeHands();
        if (association == null) return;
        association.pathChanged(IceLoop.nowNanos());
        touch();
    }

    /** Not before packets can get through: each that is lost doubles the wait for the next. */
    private void shakeHands() {
        Terms agreed = terms;
        if (closed || agreed == null || dtls.state() != DtlsTransport.State.NEW) return;
        if (!pathFound && !packetsWait) return;
        dtls.start(agreed.role, agreed.fingerprints);
        owner.dtlsChanged();
    }

    /** What ICE has received, and is not STUN. */
    void packet(ByteBuffer packet) {
        int length = packet.remaining();
        if (closed) return;
        if (incoming.length < length) incoming = new byte[length];
        packet.get(packet.position(), incoming, 0, length);
        if (PacketKind.of(incoming, 0, length) != PacketKind.DTLS) return;
        packetsWait = true;
        shakeHands();
        dtls.receive(incoming, 0, length);
    }

    @Override
    public void connected() {
        if (terms == null) throw new AssertionError("started without terms");
        SctpConfig config = sctp.withPorts(sctp.localPort(), terms.remoteSctpPort);
        Association begun = new Association(config, entropy);
        association = begun;
        channels = new DataChannels(begun, terms.role == DtlsRole.CLIENT, terms.maxMessageBytes);
        owner.channelsReady(channels);
        SctpInit peers = terms.sctpInit;
        if (peers == null) begun.connect(IceLoop.nowNanos());
        else begun.connect(peers, IceLoop.nowNanos());
        ice.proven();
        owner.dtlsChanged();
        touch();
    }

    @Override
    public void received(byte[] packet, int offset, int length) {
        if (association == null) return;
        association.receive(packet, offset, length, IceLoop.nowNanos());
        touch();
    }

    @Override
    public void closed() {
        owner.peerClosed();
    }

    @Override
    public void failed(String reason) {
        owner.failed(reason);
    }

    // --- the turn -------------------------------------------------------------------------------

    /** Something has changed: packets, events and timers are seen to at the end of this turn. */
    void touch() {
        if (turnScheduled || closed) return;
        turnScheduled = true;
        loop.execute(this::turn);
    }

    private void turn() {
        turnScheduled = false;
        if (closed || association == null || channels == null) return;
        long now = IceLoop.nowNanos();
        int sent = 0;
        boolean more = true;
        while (more && sent < Burst.SLICE_PACKETS && !closed) {
            boolean events = takeEvents(channels);
            boolean pushed = owner.pushQueued(now);
            int packets = transmit(association, now, Burst.SLICE_PACKETS - sent);
            sent += packets;
            more = events || pushed || packets > 0;
        }
        if (closed) return;
        if (!burst.endsAfter(sent, association.takeQuietSent(), now) && more) {
            touch();
            return;
        }
        owner.settleQueued();
        if (closed) return;
        if (more) giveWay();
        else schedule(association.deadlineNanos());
    }

    /** What was written leaves, and what has come is read, before the next burst. */
    private void giveWay() {
        turnScheduled = true;
        loop.executeAfterRead(this::turn);
    }

    private boolean takeEvents(DataChannels from) {
        boolean some = false;
        while (!closed && owner.takesMessages()) {
            ChannelEvent event = from.nextEvent();
            if (event == null) return some;
            some = true;
            owner.onChannelEvent(event);
        }
        return some;
    }

    private int transmit(Association from, long now, int atMost) {
        for (int sent = 0; sent < atMost; sent++) {
            int length = from.transmit(outgoing, DtlsTransport.HEAD_BYTES, now);
            if (length == 0) return sent;
            if (!dtls.send(outgoing, 0, length)) return sent;
        }
        return atMost;
    }

    @Override
    public void transmit(byte[] datagram, int offset, int length) {
        var _ = ice.send(ByteBuffer.wrap(datagram, offset, length));
    }

    private void schedule(long dueNanos) {
        if (dueNanos == Long.MAX_VALUE) return;
        if (timer != null && timerDueNanos - dueNanos <= 0) return;
        if (timer != null) timer.cancel();
        timerDueNanos = dueNanos;
        timer = loop.scheduleAt(dueNanos, this::onTimer);
    }

    private void onTimer() {
        timer = null;
        if (closed || association == null) return;
        association.advance(IceLoop.nowNanos());
        if (!turnScheduled) turn();
    }

    // --- the end --------------------------------------------------------------------------------

    /** Tells the peer, as far as it can still be told, and ends. */
    void close() {
        if (closed) return;
        closed = true;
        if (timer != null) timer.cancel();
        if (association != null && dtls.state() == DtlsTransport.State.CONNECTED) {
            association.abort("closed");
            transmit(association, IceLoop.nowNanos(), MAX_LAST_PACKETS);
        }
        dtls.close();
        association = null;
        channels = null;
    }
}
