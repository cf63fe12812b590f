package dev.peerline.datachannel;

/** Where a channel stands (the W3C's RTCDataChannelState). */
public enum DataChannelState {
    CONNECTING,
    OPEN,
    /** No more is sent by us; what was sent before still arrives. */
    CLOSING,
    CLOSED
}
