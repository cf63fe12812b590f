package dev.peerline.datachannel;

import dev.peerline.datachannel.dtls.DtlsCertificate;
import dev.peerline.datachannel.dtls.DtlsRole;
import dev.peerline.datachannel.dtls.DtlsTimeouts;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.datachannel.sctp.SctpConfig;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * How a connection is to be, with all its limits (the W3C's RTCConfiguration, and more).
 *
 * @param ice servers, and how a path is found and kept
 * @param dtls how long the handshake waits
 * @param answerRole who begins the handshake when the offer leaves that to us; the client (RFC 8842
 *     §5.3), unless there is a reason
 * @param sctp windows, message size, congestion control
 * @param certificate null: a new one for each connection
 * @param callbacks runs listeners, and completes futures. Listeners of one connection never run
 *     beside each other. An executor that runs tasks at once, in the calling thread, is the
 *     fastest: listeners then run on the network's own thread and must not wait
 * @param sendAheadBytes while less of a channel waits to be sent, {@code send} is complete at once
 * @param maxBufferedBytes {@code send} fails when more of a channel would wait
 * @param maxBacklogBytes of messages that listeners have not taken: beyond it the peer is held back
 * @param snap offers {@code a=sctp-init}, and answers it: data channels then open a round trip and
 *     a half sooner (draft-hancke-tsvwg-snap). Off, as the draft may still change
 */
public record PeerConnectionOptions(
        IceOptions ice,
        DtlsTimeouts dtls,
        DtlsRole answerRole,
        SctpConfig sctp,
        @Nullable DtlsCertificate certificate,
        Executor callbacks,
        int sendAheadBytes,
        int maxBufferedBytes,
        int maxBacklogBytes,
        boolean snap) {
    /** Virtual threads, which may wait. */
    private static final class Threads {
        static final Executor VIRTUAL = Executors.newVirtualThreadPerTaskExecutor();
    }

    public PeerConnectionOptions {
        if (sendAheadBytes < 1) throw new IllegalArgumentException("sendAheadBytes: 1 or more");
        if (maxBufferedBytes < sendAheadBytes)
            throw new IllegalArgumentException(
                    "maxBufferedBytes: sendAheadBytes or more: " + maxBufferedBytes);
        if (maxBacklogBytes < 1) throw new IllegalArgumentException("maxBacklogBytes: 1 or more");
    }

    public static PeerConnectionOptions defaults() {
        return new PeerConnectionOptions(
                IceOptions.defaults(),
                DtlsTimeouts.defaults(),
                DtlsRole.CLIENT,
                SctpConfig.defaults(),
                null,
                Threads.VIRTUAL,
                1 << 20,
                16 << 20,
                4 << 20,
                false);
    }

    public PeerConnectionOptions withIceServers(List<IceServer> servers) {
        return withIce(ice.withServers(servers));
    }

    public PeerConnectionOptions withIce(IceOptions other) {
        return new PeerConnectionOptions(
                other,
                dtls,
                answerRole,
                sctp,
                certificate,
                callbacks,
                sendAheadBytes,
                maxBufferedBytes,
                maxBacklogBytes,
                snap);
    }

    public PeerConnectionOptions withDtls(DtlsTimeouts timeouts, DtlsRole roleInAnswers) {
        return new PeerConnectionOptions(
                ice,
                timeouts,
                roleInAnswers,
                sctp,
                certificate,
                callbacks,
                sendAheadBytes,
                maxBufferedBytes,
                maxBacklogBytes,
                snap);
    }

    public PeerConnectionOptions withSctp(SctpConfig config) {
        return new PeerConnectionOptions(
                ice,
                dtls,
                answerRole,
                config,
                certificate,
                callbacks,
                sendAheadBytes,
                maxBufferedBytes,
                maxBacklogBytes,
                snap);
    }

    public PeerConnectionOptions withCertificate(@Nullable DtlsCertificate own) {
        return new PeerConnectionOptions(
                ice,
                dtls,
                answerRole,
                sctp,
                own,
                callbacks,
                sendAheadBytes,
                maxBufferedBytes,
                maxBacklogBytes,
                snap);
    }

    public PeerConnectionOptions withCallbacks(Executor executor) {
        return new PeerConnectionOptions(
                ice,
                dtls,
                answerRole,
                sctp,
                certificate,
                executor,
                sendAheadBytes,
                maxBufferedBytes,
                maxBacklogBytes,
                snap);
    }

    public PeerConnectionOptions withBuffers(int sendAhead, int maxBuffered, int maxBacklog) {
        return new PeerConnectionOptions(
                ice,
                dtls,
                answerRole,
                sctp,
                certificate,
                callbacks,
                sendAhead,
                maxBuffered,
                maxBacklog,
                snap);
    }

    public PeerConnectionOptions withSnap(boolean offered) {
        return new PeerConnectionOptions(
                ice,
                dtls,
                answerRole,
                sctp,
                certificate,
                callbacks,
                sendAheadBytes,
                maxBufferedBytes,
                maxBacklogBytes,
                offered);
    }
}
