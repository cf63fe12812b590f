package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.rx.Receiver;

import org.jspecify.annotations.Nullable;

/** Fills packets: control first, then acknowledgements, then data. Not thread-safe. */
final class PacketOutput {
    private final SctpConfig config;
    private final AssociationCore core;
    private final PacketWriter writer = new PacketWriter();
    private final PacketHeader header = new PacketHeader();

    PacketOutput(SctpConfig config, AssociationCore core) {
        this.config = config;
        this.core = core;
    }

    /** Writes the next packet; its length, or 0. */
    int transmit(byte[] out, int offset, long nowNanos) {
        writer.begin(out, offset, config.maxPacketBytes());
        Outbox.Entry first = core.outbox().peek();
        if (first != null && first.alone()) {
            core.outbox().remove();
            writer.put(first.chunk());
            return finish(out, offset, first.tag(), true);
        }
        if (core.state() == State.COOKIE_WAIT) {
            if (!core.takeControlDue()) return 0;
            core.handshake().init().write(writer, ChunkType.INIT);
            // §8.5.1 A: "the sender MUST set the Verification Tag to 0".
            return finish(out, offset, 0, true);
        }
        AssociationCore.Peer peer = core.peer();
        if (peer == null) return 0;
        boolean checksum = !peer.terms().zeroChecksum();
        if (core.state() == State.COOKIE_ECHOED) {
            if (!core.takeControlDue()) return 0;
            core.handshake().writeCookieEcho(writer);
            // §5.1 C: DATA may ride along with COOKIE ECHO, and nothing else before its ACK.
            peer.sender().writeData(writer, nowNanos);
            // RFC 9653 §5.2: a packet with COOKIE ECHO has its checksum.
            checksum = true;
        } else if (core.state().isUp()) {
            writeOutbox();
            writeShutdown(peer.receiver());
            writeUp(peer, nowNanos);
        }
        return writer.isEmpty() ? 0 : finish(out, offset, peer.terms().peerTag(), checksum);
    }

    private void writeOutbox() {
        while (true) {
            Outbox.@Nullable Entry entry = core.outbox().peek();
            if (entry == null || entry.alone()) return;
            if (entry.chunk().length > writer.remaining()) return;
            core.outbox().remove();
            writer.put(entry.chunk());
        }
    }

    private void writeShutdown(Receiver receiver) {
        if (!core.isControlDue() || writer.remaining() < 8) return;
        core.takeControlDue();
        if (core.state() == State.SHUTDOWN_SENT)
            SimpleChunks.writeShutdown(writer, receiver.cumulativeTsn());
        else if (core.state() == State.SHUTDOWN_ACK_SENT)
            SimpleChunks.writeBare(writer, ChunkType.SHUTDOWN_ACK, 0);
    }

    private void writeUp(AssociationCore.Peer peer, long nowNanos) {
        if (core.heartbeat().isDue())
            core.heartbeat().write(writer, nowNanos, core.rtt().currentRto());
        boolean data = core.state().sendsData() && peer.sender().mayWriteData(nowNanos);
        // RFC 9260 §6.10: control chunks "MUST" come before DATA; a SACK that may wait rides along.
        if (peer.receiver().isSackDue() || (data && peer.receiver().isSackUseful()))
            peer.receiver().writeSack(writer);
        if (!core.state().sendsData()) return;
        peer.sender().writeForwardTsn(writer, nowNanos);
        peer.streamReset().write(writer, nowNanos, core.rtt().currentRto());
        peer.sender().writeData(writer, nowNanos);
    }

    private int finish(byte[] out, int offset, int tag, boolean checksum) {
        writer.header(config.localPort(), config.remotePort(), tag);
        int length = writer.length();
        if (checksum) header.seal(out, offset, length);
        core.counters().packetsSent++;
        core.counters().bytesSent += length;
        return length;
    }
}
