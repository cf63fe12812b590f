package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.congestion.CongestionControl;

/**
 * The limits and choices of one association. {@link #defaults} suits WebRTC.
 *
 * @param localPort RFC 8841: {@code a=sctp-port}, 5000 by custom
 * @param maxPacketBytes an SCTP packet, header included; a multiple of 4, see {@link
 *     #SAFE_PACKET_BYTES}
 * @param streams offered each way, 1 to 65535
 * @param maxMessageBytes a longer message of the peer ends the association; {@code
 *     a=max-message-size}
 * @param initialWindowBytes the receive window at first
 * @param maxWindowBytes what it may grow to; memory is bounded by twice this
 * @param maxQueuedBytes of messages that were never sent, over all streams
 * @param interleaving offer I-DATA (RFC 8260)
 * @param partialReliability offer FORWARD TSN (RFC 3758)
 * @param zeroChecksum accept packets without checksum (RFC 9653): DTLS protects them better
 * @param timing how long to wait, and how often to try
 */
public record SctpConfig(
        int localPort,
        int remotePort,
        int maxPacketBytes,
        int streams,
        int maxMessageBytes,
        long initialWindowBytes,
        long maxWindowBytes,
        long maxQueuedBytes,
        boolean interleaving,
        boolean partialReliability,
        boolean zeroChecksum,
        CongestionControl.Algorithm congestion,
        Timing timing) {
    /**
     * Fits every path that IPv6 promises: 1280 − 40 (IPv6) − 8 (UDP) − 4 (TURN ChannelData) − 13
     * (DTLS record) − 24 (AES-GCM nonce and tag) = 1191, down to a multiple of 4.
     */
    public static final int SAFE_PACKET_BYTES = 1188;

    private static final int MIN_PACKET_BYTES = 508;

    public SctpConfig {
        if (maxPacketBytes < MIN_PACKET_BYTES || maxPacketBytes % 4 != 0)
            throw new IllegalArgumentException(
                    "maxPacketBytes must be a multiple of 4, at least "
                            + MIN_PACKET_BYTES
                            + ": "
                            + maxPacketBytes);
        if (streams < 1 || streams > 65535)
            throw new IllegalArgumentException("streams must be 1 to 65535: " + streams);
        if (maxWindowBytes < 2L * maxMessageBytes)
            throw new IllegalArgumentException(
                    "maxWindowBytes must hold two messages of maxMessageBytes: " + maxWindowBytes);
    }

    /**
     * How long to wait, and how often to try.
     *
     * @param initialRtoNanos before anything was measured (RTO.Initial)
     * @param sackDelayNanos a lone packet is acknowledged after this (RFC 9260 §6.2: at most 500
     *     ms)
     * @param heartbeatNanos between heartbeats of an idle association
     * @param cookieLifeNanos a state cookie is valid this long (Valid.Cookie.Life)
     * @param maxRetransmissions timeouts in a row until the peer counts as gone
     *     (Association.Max.Retrans)
     * @param maxInitRetransmissions of INIT and COOKIE ECHO (Max.Init.Retransmits)
     */
    public record Timing(
            long initialRtoNanos,
            long minRtoNanos,
            long maxRtoNanos,
            long sackDelayNanos,
            long heartbeatNanos,
            long cookieLifeNanos,
            int maxRetransmissions,
            int maxInitRetransmissions) {
        static final long MILLIS = 1_000_000;

        /**
         * A shorter RTO than RFC 9260's (1 s, 1 s, 60 s): those bounds are for timers of 1980, and
         * a peer on a phone comes back within seconds. The maximum keeps ten attempts within 80 s.
         */
        public static Timing defaults() {
            return new Timing(
                    400 * MILLIS,
                    200 * MILLIS,
                    10_000 * MILLIS,
                    20 * MILLIS,
                    30_000 * MILLIS,
                    60_000 * MILLIS,
                    10,
                    16);
        }
    }

    public static SctpConfig defaults() {
        return new SctpConfig(
                5000,
                5000,
                SAFE_PACKET_BYTES,
                65535,
                256 << 10,
                1 << 20,
                16 << 20,
                64 << 20,
                true,
                true,
                true,
                CongestionControl.Algorithm.MODEL,
                Timing.defaults());
    }

    public SctpConfig withPorts(int local, int remote) {
        return copy(local, remote, maxPacketBytes, interleaving, zeroChecksum, congestion);
    }

    public SctpConfig withMaxPacketBytes(int bytes) {
        return copy(localPort, remotePort, bytes, interleaving, zeroChecksum, congestion);
    }

    public SctpConfig withInterleaving(boolean offered) {
        return copy(localPort, remotePort, maxPacketBytes, offered, zeroChecksum, congestion);
    }

    public SctpConfig withZeroChecksum(boolean accepted) {
        return copy(localPort, remotePort, maxPacketBytes, interleaving, accepted, congestion);
    }

    public SctpConfig withCongestion(CongestionControl.Algorithm algorithm) {
        return copy(localPort, remotePort, maxPacketBytes, interleaving, zeroChecksum, algorithm);
    }

    private SctpConfig copy(
            int local,
            int remote,
            int packetBytes,
            boolean interleaved,
            boolean zeroSum,
            CongestionControl.Algorithm algorithm) {
        return new SctpConfig(
                local,
                remote,
                packetBytes,
                streams,
                maxMessageBytes,
                initialWindowBytes,
                maxWindowBytes,
                maxQueuedBytes,
                interleaved,
                partialReliability,
                zeroSum,
                algorithm,
                timing);
    }

    public SctpConfig withPartialReliability(boolean offered) {
        return new SctpConfig(
                localPort,
                remotePort,
                maxPacketBytes,
                streams,
                maxMessageBytes,
                initialWindowBytes,
                maxWindowBytes,
                maxQueuedBytes,
                interleaving,
                offered,
                zeroChecksum,
                congestion,
                timing);
    }

    public SctpConfig withStreams(int count) {
        return new SctpConfig(
                localPort,
                remotePort,
                maxPacketBytes,
                count,
                maxMessageBytes,
                initialWindowBytes,
                maxWindowBytes,
                maxQueuedBytes,
                interleaving,
                partialReliability,
                zeroChecksum,
                congestion,
                timing);
    }

    /** The limits of memory: message, window at first, window at most, queue. */
    public SctpConfig withMemory(
            int messageBytes, long windowBytes, long largestWindowBytes, long queuedBytes) {
        return new SctpConfig(
                localPort,
                remotePort,
                maxPacketBytes,
                streams,
                messageBytes,
                windowBytes,
                largestWindowBytes,
                queuedBytes,
                interleaving,
                partialReliability,
                zeroChecksum,
                congestion,
                timing);
    }

    public SctpConfig withTiming(Timing other) {
        return new SctpConfig(
                localPort,
                remotePort,
                maxPacketBytes,
                streams,
                maxMessageBytes,
                initialWindowBytes,
                maxWindowBytes,
                maxQueuedBytes,
                interleaving,
                partialReliability,
                zeroChecksum,
                congestion,
                other);
    }
}
