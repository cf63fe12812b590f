package dev.peerline.datachannel.sdp;

/** What reading a description gives. */
public sealed interface SdpResult permits ParsedDescription, SdpResult.Malformed {
    /**
     * It is none.
     *
     * @param line from 1 on
     */
    record Malformed(int line, String reason) implements SdpResult {}
}
