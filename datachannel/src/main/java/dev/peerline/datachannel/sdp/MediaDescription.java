package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One {@code m=} section, as far as data channels care.
 *
 * @param kind {@code application}, {@code audio}, …
 * @param port 0 means rejected, or bundle-only
 * @param protocol {@code UDP/DTLS/SCTP} for data channels
 * @param formats the rest of the line, as it stands
 * @param mid {@code a=mid}, or null
 * @param bundleOnly {@code a=bundle-only} (RFC 8843 §6): port 0 does not mean rejected
 * @param transport as this section says it, or inherits it
 * @param sctpPort {@code a=sctp-port}, that of {@code a=sctpmap}, or -1
 * @param maxMessageBytes {@code a=max-message-size}, 0 for any size, or -1 where it is not said
 * @param sctpInit {@code a=sctp-init} (draft-hancke-tsvwg-snap), not read here, or null
 * @param candidates {@code candidate:…} lines, not read here
 * @param endOfCandidates {@code a=end-of-candidates}
 */
public record MediaDescription(
        String kind,
        int port,
        String protocol,
        String formats,
        @Nullable String mid,
        boolean bundleOnly,
        TransportDescription transport,
        int sctpPort,
        long maxMessageBytes,
        @Nullable String sctpInit,
        List<String> candidates,
        boolean endOfCandidates) {
    /** RFC 8841 §6.1: what a peer takes that does not say. */
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 65536;

    private static final int DEFAULT_SCTP_PORT = 5000;
    private static final String FORMAT = "webrtc-datachannel";

    public MediaDescription {
        candidates = List.copyOf(candidates);
    }

    public boolean isRejected() {
        return port == 0 && !bundleOnly;
    }

    /** Whether data channels could run here (RFC 8841 §4), by its grammar of today or before. */
    public boolean isDataChannel() {
        if (!kind.equals("application") || isRejected()) return false;
        return isLegacy() || (protocol.equals("UDP/DTLS/SCTP") && formats.equals(FORMAT));
    }

    /**
     * The drafts before RFC 8841 named the SCTP port in the line, and {@code a=sctpmap} beside it;
     * aiortc still does.
     */
    public boolean isLegacy() {
        return protocol.equals("DTLS/SCTP") && sctpPort > 0 && formats.equals("" + sctpPort);
    }

    /** The peer's SCTP port; 5000 where it is not said. */
    public int effectiveSctpPort() {
        return sctpPort > 0 ? sctpPort : DEFAULT_SCTP_PORT;
    }

    /** The longest message that the peer takes, bytes. */
    public int effectiveMaxMessageBytes() {
        if (maxMessageBytes < 0) return DEFAULT_MAX_MESSAGE_BYTES;
        if (maxMessageBytes == 0) return Integer.MAX_VALUE;
        return (int) Math.min(maxMessageBytes, Integer.MAX_VALUE);
    }
}
