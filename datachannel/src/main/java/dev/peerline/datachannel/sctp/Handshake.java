package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.InitParameters;
import dev.peerline.datachannel.sctp.chunk.PacketHeader;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * The four-way handshake (RFC 9260 §5), which in WebRTC both sides begin. It makes and judges the
 * chunks; the association keeps the state. Not thread-safe.
 */
final class Handshake {
    /** What a cookie that came back means (RFC 9260 §5.2.4, Table 12). */
    enum CookieVerdict {
        /**
         * No association: set it up. Or B: both began at once, and the peer's tag was not known.
         */
        ESTABLISH,
        /** A: the peer has begun anew. */
        RESTART,
        /** D: the cookie of the association there is. */
        CONFIRM,
        /** C, and all that the table does not name. */
        DISCARD,
        STALE
    }

    /** An INIT ACK without the report of what was not understood: it all fits beside this. */
    private static final int INIT_ACK_BYTES = 128;

    private final SctpConfig config;
    private final Outbox outbox;
    private final Seed seed;
    private final long secret;
    private final int tag;
    private final int initialTsn;
    private byte @Nullable [] cookieToEcho;
    private List<byte[]> unrecognized = List.of();

    Handshake(SctpConfig config, Outbox outbox, Seed seed) {
        this.config = config;
        this.outbox = outbox;
        this.seed = seed;
        secret = seed.nextLong();
        tag = seed.nextTag();
        initialTsn = (int) seed.nextLong();
    }

    /** The tag of our INIT. */
    int tag() {
        return tag;
    }

    InitChunk init() {
        return init(tag, initialTsn, parameters());
    }

    /** What our INIT and the peer's make together. */
    Negotiated agreed(InitChunk peers) {
        return Negotiated.of(config, tag, initialTsn, peers);
    }

    private InitChunk init(int initiateTag, int tsn, InitParameters parameters) {
        return new InitChunk(
                initiateTag,
                config.initialWindowBytes(),
                config.streams(),
                config.streams(),
                tsn,
                parameters);
    }

    private InitParameters parameters() {
        List<Integer> extensions = new ArrayList<>();
        extensions.add(ChunkType.RE_CONFIG);
        if (config.partialReliability()) extensions.add(ChunkType.FORWARD_TSN);
        if (config.interleaving()) {
            extensions.add(ChunkType.I_DATA);
            if (config.partialReliability()) extensions.add(ChunkType.I_FORWARD_TSN);
        }
        int zeroChecksum = config.zeroChecksum() ? InitParameters.ZERO_CHECKSUM_DTLS : 0;
        return new InitParameters(
                null, config.partialReliability(), extensions, zeroChecksum, List.of());
    }

    /**
     * Answers an INIT with INIT ACK, without remembering it (§5.1 B, §5.2.1, §5.2.2).
     *
     * @param current the association there is, or null
     */
    void onInit(InitChunk init, @Nullable Negotiated current, long nowNanos) {
        // §5.2.1: before the association is up the INIT ACK has the tag of our own INIT; §5.2.2: an
        // association that is up gets new tags beside it, and the old ones as tie-tags.
        int localTag = current == null ? tag : seed.nextTag();
        int localTsn = current == null ? initialTsn : (int) seed.nextLong();
        Cookie cookie =
                new Cookie(
                        Negotiated.of(config, localTag, localTsn, init),
                        nowNanos,
                        current == null ? 0 : current.localTag(),
                        current == null ? 0 : current.peerTag());
        InitParameters parameters =
                parameters()
                        .asAcknowledgement(
                                cookie.encode(secret),
                                reportable(init.parameters().unrecognized()));
        InitChunk answer = init(localTag, localTsn, parameters);
        outbox.addAlone(init.initiateTag(), out -> answer.write(out, ChunkType.INIT_ACK));
    }

    /** What is reported of an INIT, so that the INIT ACK stays within a packet. */
    private List<byte[]> reportable(List<byte[]> parameters) {
        List<byte[]> reported = new ArrayList<>();
        int room = config.maxPacketBytes() - INIT_ACK_BYTES;
        for (byte[] parameter : parameters) {
            room -= Bytes.padded(4 + parameter.length);
            if (room >= 0) reported.add(parameter);
        }
        return reported;
    }

    /** Takes the cookie out of an INIT ACK (§5.1 C); null when there is none that can go back. */
    @Nullable Negotiated onInitAck(InitChunk ack) {
        byte[] cookie = ack.parameters().cookie();
        int room = config.maxPacketBytes() - PacketHeader.BYTES - ChunkCursor.HEADER_BYTES;
        if (cookie == null || cookie.length > room) return null;
        cookieToEcho = cookie;
        unrecognized = ack.parameters().unrecognized();
        return agreed(ack);
    }

    /** COOKIE ECHO, first in its packet (§5.1 C), with a report of what was not understood. */
    void writeCookieEcho(PacketWriter out) {
        byte[] cookie = cookieToEcho;
        if (cookie == null) return;
        SimpleChunks.writeOpaque(out, ChunkType.COOKIE_ECHO, cookie);
        if (unrecognized.isEmpty()) return;
        List<ErrorCause> causes = new ArrayList<>();
        int room = out.remaining() - ChunkCursor.HEADER_BYTES;
        for (byte[] parameter : unrecognized) {
            ErrorCause cause = ErrorCause.withBytes(ErrorCause.UNRECOGNIZED_PARAMETERS, parameter);
            room -= cause.paddedBytes();
            if (room >= 0) causes.add(cause);
        }
        unrecognized = List.of();
        if (!causes.isEmpty()) ErrorCause.writeError(out, causes);
    }

    @Nullable Cookie decode(byte[] bytes) {
        return Cookie.decode(bytes, secret);
    }

    /**
     * Judges a cookie of ours.
     *
     * @param current the association there is: known since INIT ACK, or null
     */
    CookieVerdict judge(Cookie cookie, @Nullable Negotiated current, State state, long nowNanos) {
        Negotiated terms = cookie.terms();
        boolean sameLocal = current == null || current.localTag() == terms.localTag();
        boolean samePeer = current != null && current.peerTag() == terms.peerTag();
        if (current != null && sameLocal && samePeer) return CookieVerdict.CONFIRM;
        // §5.2.4 step 3: the age matters only where the cookie would set something up.
        if (nowNanos - cookie.createdNanos() > config.timing().cookieLifeNanos())
            return CookieVerdict.STALE;
        if (!state.isUp()) return sameLocal ? CookieVerdict.ESTABLISH : CookieVerdict.DISCARD;
        boolean tied =
                current != null
                        && cookie.localTieTag() == current.localTag()
                        && cookie.peerTieTag() == current.peerTag();
        return !sameLocal && !samePeer && tied ? CookieVerdict.RESTART : CookieVerdict.DISCARD;
    }
}
