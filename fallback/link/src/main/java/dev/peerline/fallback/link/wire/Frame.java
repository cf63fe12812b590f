package dev.peerline.fallback.link.wire;

/** A frame of a session or of a pair: docs/protocol.md, section 1. */
public sealed interface Frame permits UpFrame, DownFrame, PairFrame {
    /** The number on the wire. */
    int type();

    /** Writes what follows the length. */
    void writeBody(WireWriter writer);

    /** The frame alone, as a packet. */
    default Bytes encode() {
        return new WireWriter().frame(this).take();
    }
}
