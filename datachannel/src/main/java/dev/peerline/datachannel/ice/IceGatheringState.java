package dev.peerline.datachannel.ice;

/** Whether local candidates are still looked for (the W3C's RTCIceGatheringState). */
public enum IceGatheringState {
    NEW,
    GATHERING,
    COMPLETE
}
