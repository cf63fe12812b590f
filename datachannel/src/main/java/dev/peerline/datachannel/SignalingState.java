package dev.peerline.datachannel;

/** Where offer and answer stand (the W3C's RTCSignalingState, without provisional answers). */
public enum SignalingState {
    STABLE,
    HAVE_LOCAL_OFFER,
    HAVE_REMOTE_OFFER,
    CLOSED
}
