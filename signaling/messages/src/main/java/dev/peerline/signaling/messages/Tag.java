package dev.peerline.signaling.messages;

/** The tags of a signal's fields: docs/protocol.md, section 4. */
final class Tag {
    static final int CONNECTION = 1;
    static final int KIND = 2;
    static final int DESCRIPTION_TYPE = 3;
    static final int SDP = 4;
    static final int CANDIDATE = 5;
    static final int SDP_MID = 6;
    static final int SDP_M_LINE_INDEX = 7;
    static final int USERNAME_FRAGMENT = 8;
    static final int REASON = 9;

    private Tag() {}
}
