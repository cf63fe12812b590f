package dev.peerline.datachannel.dcep;

/** The payload protocol identifiers of WebRTC (RFC 8831 §8). */
final class PayloadProtocol {
    static final int DCEP = 50;
    static final int STRING = 51;
    static final int BINARY = 53;
    static final int STRING_EMPTY = 56;
    static final int BINARY_EMPTY = 57;

    private PayloadProtocol() {}

    static int of(boolean text, boolean empty) {
        if (text) return empty ? STRING_EMPTY : STRING;
        return empty ? BINARY_EMPTY : BINARY;
    }
}
