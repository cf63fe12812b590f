package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.DataChunk;
import dev.peerline.datachannel.sctp.chunk.DataFields;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.ForwardTsnChunk;
import dev.peerline.datachannel.sctp.chunk.IDataChunk;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.Malformed;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk;
import dev.peerline.datachannel.sctp.chunk.SackChunk;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.rx.Fault;

import java.util.List;

/** Judges packets and takes them apart, chunk by chunk (RFC 9260 §8.5, §6.10). Not thread-safe. */
final class PacketInput {
    private static final int MIN_PACKET_BYTES = PacketHeader.BYTES + ChunkCursor.HEADER_BYTES;

    /** The T bit of ABORT and SHUTDOWN COMPLETE: the tag is the one that the other side sent. */
    private static final int T_BIT = 1;

    private final SctpConfig config;
    private final AssociationCore core;
    private final HandshakeInput handshakeInput;
    private final PacketHeader header = new PacketHeader();
    private final ChunkCursor cursor = new ChunkCursor();
    private final DataFields data = new DataFields();
    private final SackChunk sack = new SackChunk();

    PacketInput(SctpConfig config, AssociationCore core) {
        this.config = config;
        this.core = core;
        handshakeInput = new HandshakeInput(core);
    }

    void receive(byte[] packet, int offset, int length, long nowNanos) {
        Counters counters = core.counters();
        counters.packetsReceived++;
        counters.bytesReceived += length;
        if (!isForUs(packet, offset, length)) {
            counters.invalidPackets++;
            return;
        }
        int tag = PacketHeader.verificationTag(packet, offset);
        cursor.wrap(packet, offset + PacketHeader.BYTES, offset + length);
        if (!cursor.next()) {
            counters.invalidPackets++;
            return;
        }
        if (core.hasEnded()) {
            outOfTheBlue(tag);
            return;
        }
        if (cursor.type() == ChunkType.INIT) {
            receiveInit(tag, nowNanos);
            return;
        }
        if (!hasRightTag(tag, cursor.type())) {
            counters.invalidPackets++;
            return;
        }
        boolean goOn = true;
        boolean first = true;
        while (goOn) {
            goOn = process(first, nowNanos) && core.state() != State.CLOSED && cursor.next();
            first = false;
        }
        if (core.state().isUp()) {
            core.knownPeer().receiver().onPacketEnd(nowNanos);
            core.checkDrained(nowNanos);
        }
    }

    private boolean isForUs(byte[] packet, int offset, int length) {
        if (length < MIN_PACKET_BYTES) return false;
        if (PacketHeader.sourcePort(packet, offset) != config.remotePort()) return false;
        if (PacketHeader.destinationPort(packet, offset) != config.localPort()) return false;
        int checksum = PacketHeader.checksum(packet, offset);
        // RFC 9653 §5.3: zero is accepted as was announced, but never for INIT.
        boolean maySkip =
                config.zeroChecksum()
                        && Bytes.u8(packet, offset + PacketHeader.BYTES) != ChunkType.INIT;
        if (checksum == 0 && maySkip) return true;
        return checksum == header.computeChecksum(packet, offset, length);
    }

    /** §8.5.1 A: INIT has tag 0 and is the only chunk of its packet. */
    private void receiveInit(int tag, long nowNanos) {
        InitChunk init = InitChunk.parse(cursor).orNull();
        boolean alone = !cursor.next() && !cursor.leftOver();
        if (tag != 0 || init == null || !alone) {
            core.counters().invalidPackets++;
            return;
        }
        handshakeInput.onInit(init, nowNanos);
    }

    /** §8.5 and §8.5.1: whether a packet that begins with this chunk may have this tag. */
    private boolean hasRightTag(int tag, int type) {
        if (type == ChunkType.COOKIE_ECHO) return handshakeInput.isCookieFor(cursor, tag);
        AssociationCore.Peer peer = core.peer();
        int localTag = peer == null ? core.handshake().tag() : peer.terms().localTag();
        boolean reflected =
                (type == ChunkType.ABORT || type == ChunkType.SHUTDOWN_COMPLETE)
                        && (cursor.flags() & T_BIT) != 0;
        if (reflected) return peer != null && tag == peer.terms().peerTag();
        return tag == localTag && core.state() != State.CLOSED;
    }

    /** §8.4: a packet for an association that is over. */
    private void outOfTheBlue(int tag) {
        switch (cursor.type()) {
            case ChunkType.ABORT, ChunkType.SHUTDOWN_COMPLETE, ChunkType.COOKIE_ACK -> {}
            // Its sender has no tag of its own to be answered under, and will give up.
            case ChunkType.INIT -> {}
            case ChunkType.SHUTDOWN_ACK -> core.completeShutdown(tag, true);
            default ->
                    core.outbox().addAlone(tag, out -> ErrorCause.writeAbort(out, true, List.of()));
        }
    }

    /** Takes one chunk; false when the rest of the packet must not be looked at. */
    private boolean process(boolean first, long nowNanos) {
        switch (cursor.type()) {
            case ChunkType.DATA, ChunkType.I_DATA -> onData(nowNanos);
            case ChunkType.SACK -> onSack(nowNanos);
            case ChunkType.FORWARD_TSN, ChunkType.I_FORWARD_TSN -> {
                // RFC 3758 §3.3.1: one who has not offered it does not know the chunk.
                if (!config.partialReliability()) return onUnknown();
                onForwardTsn();
            }
            case ChunkType.RE_CONFIG -> onReConfig(nowNanos);
            case ChunkType.HEARTBEAT -> onHeartbeat();
            case ChunkType.HEARTBEAT_ACK -> onHeartbeatAck(nowNanos);
            case ChunkType.INIT_ACK -> handshakeInput.onInitAck(cursor, nowNanos);
            case ChunkType.COOKIE_ECHO -> {
                return first && handshakeInput.onCookieEcho(cursor, nowNanos);
            }
            case ChunkType.COOKIE_ACK -> core.confirm(nowNanos);
            case ChunkType.ABORT -> onAbort();
            case ChunkType.SHUTDOWN -> onShutdown(nowNanos);
            case ChunkType.SHUTDOWN_ACK -> onShutdownAck();
            case ChunkType.SHUTDOWN_COMPLETE -> {
                if (core.state() == State.SHUTDOWN_ACK_SENT) core.close(CloseReason.SHUTDOWN, "");
            }
            case ChunkType.ERROR -> onError();
            case ChunkType.PAD -> {}
            case ChunkType.INIT -> {
                // §5.1: "MUST NOT bundle INIT with any other chunk": the packet ends here.
                return false;
            }
            default -> {
                return onUnknown();
            }
        }
        return true;
    }

    private void onData(long nowNanos) {
        if (!core.state().receivesData()) return;
        boolean interleaved = cursor.type() == ChunkType.I_DATA;
        AssociationCore.Peer peer = core.knownPeer();
        if (interleaved != peer.terms().interleaving()) {
            violation("DATA and I-DATA must not be mixed");
            return;
        }
        Malformed malformed =
                interleaved ? IDataChunk.read(cursor, data) : DataChunk.read(cursor, data);
        if (malformed == Malformed.BAD_VALUE) {
            // §6.2: "if an endpoint receives a DATA chunk with no user data, … ABORT".
            core.abort(CloseReason.PROTOCOL_VIOLATION, ErrorCause.of(ErrorCause.NO_USER_DATA));
        } else if (malformed != null) {
            violation("malformed DATA");
        } else if (data.streamId() >= peer.terms().inboundStreams()) {
            onInvalidStream(peer);
        } else {
            takeData(peer, nowNanos);
        }
    }

    private void takeData(AssociationCore.Peer peer, long nowNanos) {
        Fault fault = peer.receiver().onData(data, cursor.bytes(), nowNanos);
        // §9.2: in SHUTDOWN-SENT each DATA is answered by SACK and SHUTDOWN.
        if (core.state() == State.SHUTDOWN_SENT) {
            peer.receiver().requestSack();
            core.repeatControl();
        }
        if (fault != null) fatal(fault);
    }

    /** §6.2: acknowledged, answered by ERROR, and dropped. */
    private void onInvalidStream(AssociationCore.Peer peer) {
        int streamId = data.streamId();
        peer.receiver().ignore(data.tsn());
        core.outbox()
                .add(
                        out ->
                                ErrorCause.writeError(
                                        out, List.of(ErrorCause.invalidStream(streamId))));
    }

    private void fatal(Fault fault) {
        int code =
                fault == Fault.BAD_FRAGMENT
                        ? ErrorCause.PROTOCOL_VIOLATION
                        : ErrorCause.OUT_OF_RESOURCE;
        core.abort(CloseReason.PROTOCOL_VIOLATION, ErrorCause.withText(code, fault.toString()));
    }

    private void violation(String what) {
        core.abort(
                CloseReason.PROTOCOL_VIOLATION,
                ErrorCause.withText(ErrorCause.PROTOCOL_VIOLATION, what));
    }

    private void onSack(long nowNanos) {
        if (!core.state().isUp()) return;
        if (sack.read(cursor) != null) {
            core.counters().invalidPackets++;
            return;
        }
        AssociationCore.Peer peer = core.knownPeer();
        peer.sender().onSack(sack, nowNanos);
        core.heartbeat().onPeerAlive(nowNanos);
        peer.receiver().onRtt(core.rtt().smoothed());
    }

    private void onForwardTsn() {
        if (!core.state().receivesData()) return;
        AssociationCore.Peer peer = core.knownPeer();
        boolean interleaved = cursor.type() == ChunkType.I_FORWARD_TSN;
        ForwardTsnChunk chunk = ForwardTsnChunk.parse(cursor).orNull();
        if (chunk == null || interleaved != peer.terms().interleaving())
            core.counters().invalidPackets++;
        else peer.receiver().onForwardTsn(chunk);
    }

    private void onReConfig(long nowNanos) {
        if (!core.state().isUp()) return;
        ReConfigChunk chunk = ReConfigChunk.parse(cursor).orNull();
        if (chunk == null) core.counters().invalidPackets++;
        else core.knownPeer().streamReset().onReConfig(chunk, nowNanos, core.rtt().currentRto());
    }

    /** §8.3: "MUST be returned unmodified". */
    private void onHeartbeat() {
        if (!core.state().isUp()) return;
        if (cursor.end() - cursor.start() > config.maxPacketBytes() - PacketHeader.BYTES) {
            // An answer would not fit into a packet of ours, and a shorter one proves nothing.
            core.counters().invalidPackets++;
            return;
        }
        byte[] info = cursor.value();
        core.outbox().add(out -> SimpleChunks.writeOpaque(out, ChunkType.HEARTBEAT_ACK, info));
    }

    private void onHeartbeatAck(long nowNanos) {
        if (!core.state().isUp()) return;
        long rtt = core.heartbeat().onAck(cursor, nowNanos);
        if (rtt < 0) return;
        core.measured(rtt, nowNanos);
        core.knownPeer().sender().onPeerAlive();
    }

    private void onAbort() {
        List<ErrorCause> causes = ErrorCause.parse(cursor);
        String detail = causes.isEmpty() ? "" : describe(causes.getFirst());
        core.close(CloseReason.PEER_ABORTED, detail);
    }

    private static String describe(ErrorCause cause) {
        String text = cause.text();
        return "cause " + cause.code() + (text.isEmpty() ? "" : ": " + text);
    }

    private void onShutdown(long nowNanos) {
        if (!core.state().isUp() || cursor.valueLength() < 4) return;
        core.knownPeer()
                .sender()
                .onCumulativeAck(Bytes.i32(cursor.bytes(), cursor.valueStart()), nowNanos);
        core.onShutdown(nowNanos);
    }

    private void onShutdownAck() {
        switch (core.state()) {
            case SHUTDOWN_SENT, SHUTDOWN_ACK_SENT -> {
                core.completeShutdown(core.knownPeer().terms().peerTag(), false);
                core.close(CloseReason.SHUTDOWN, "");
            }
            case CLOSED,
                    COOKIE_WAIT,
                    COOKIE_ECHOED,
                    ESTABLISHED,
                    SHUTDOWN_PENDING,
                    SHUTDOWN_RECEIVED -> {}
        }
    }

    /** §3.3.10.3: a stale cookie means to begin anew; all else is for information. */
    private void onError() {
        for (ErrorCause cause : ErrorCause.parse(cursor))
            if (cause.code() == ErrorCause.STALE_COOKIE && core.state() == State.COOKIE_ECHOED)
                core.close(CloseReason.NO_HANDSHAKE, "the cookie was stale");
    }

    /** §3.2: the type's two highest bits say what to do with a chunk one does not know. */
    private boolean onUnknown() {
        int type = cursor.type();
        if (ChunkType.wantsReport(type) && core.state().isUp()) {
            byte[] chunk = cursor.chunk();
            core.outbox()
                    .add(
                            out ->
                                    ErrorCause.writeError(
                                            out,
                                            List.of(
                                                    ErrorCause.withBytes(
                                                            ErrorCause.UNRECOGNIZED_CHUNK,
                                                            chunk))));
        }
        return !ChunkType.stopsProcessing(type);
    }
}
