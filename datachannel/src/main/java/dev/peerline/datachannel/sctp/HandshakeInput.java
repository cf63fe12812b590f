package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.InitChunk;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;

import java.util.List;

/** The chunks of the handshake, as they come in (RFC 9260 §5). Not thread-safe. */
final class HandshakeInput {
    private final AssociationCore core;

    HandshakeInput(AssociationCore core) {
        this.core = core;
    }

    void onInit(InitChunk init, long nowNanos) {
        if (core.state() == State.SHUTDOWN_ACK_SENT) {
            // §9.2: "it SHOULD discard the INIT chunk and retransmit the SHUTDOWN ACK chunk".
            core.repeatControl();
            return;
        }
        AssociationCore.Peer peer = core.peer();
        Negotiated current = peer != null && core.state().isUp() ? peer.terms() : null;
        core.handshake().onInit(init, current, nowNanos);
    }

    void onInitAck(ChunkCursor chunk, long nowNanos) {
        // §5.2.3: "in any state other than COOKIE-WAIT, the endpoint SHOULD discard it".
        if (core.state() != State.COOKIE_WAIT) return;
        InitChunk ack = InitChunk.parse(chunk).orNull();
        Negotiated terms = ack == null ? null : core.handshake().onInitAck(ack);
        if (terms == null) core.counters().invalidPackets++;
        else core.echoCookie(terms, nowNanos);
    }

    /**
     * §5.1.5 step 3: whether a cookie is one of ours, in a packet with the tag that it was made
     * for. "If these values do not match, the packet MUST be silently discarded."
     */
    boolean isCookieFor(ChunkCursor chunk, int tag) {
        Cookie cookie = core.handshake().decode(chunk.value());
        return cookie != null && cookie.terms().localTag() == tag;
    }

    /** COOKIE ECHO; false when the rest of the packet must not be looked at. */
    boolean onCookieEcho(ChunkCursor chunk, long nowNanos) {
        Cookie cookie = core.handshake().decode(chunk.value());
        if (cookie == null) throw new AssertionError("a cookie that isCookieFor has not let pass");
        AssociationCore.Peer peer = core.state() == State.CLOSED ? null : core.peer();
        Negotiated current = peer == null ? null : peer.terms();
        switch (core.handshake().judge(cookie, current, core.state(), nowNanos)) {
            case ESTABLISH -> {
                if (core.rtt().smoothed() == 0)
                    core.measured(nowNanos - cookie.createdNanos(), nowNanos);
                core.establish(cookie.terms(), nowNanos);
            }
            case RESTART -> {
                if (core.state() == State.SHUTDOWN_ACK_SENT) {
                    core.repeatControl();
                    return false;
                }
                core.restart(cookie.terms(), nowNanos);
            }
            case CONFIRM -> core.confirm(nowNanos);
            case STALE -> {
                int tag = cookie.terms().peerTag();
                long tooOld = nowNanos - cookie.createdNanos() - core.cookieLifeNanos();
                ErrorCause cause = ErrorCause.staleCookie(tooOld / 1000);
                core.outbox().addAlone(tag, out -> ErrorCause.writeError(out, List.of(cause)));
                return false;
            }
            case DISCARD -> {
                return false;
            }
        }
        core.outbox().add(out -> SimpleChunks.writeBare(out, ChunkType.COOKIE_ACK, 0));
        return true;
    }
}
