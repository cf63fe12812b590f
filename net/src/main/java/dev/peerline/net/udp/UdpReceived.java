package dev.peerline.net.udp;

import dev.peerline.net.MutableAddress;

/**
 * What one read of a socket gave: one datagram, or a run of datagrams of one sender and one length
 * (the last may be shorter) that lie side by side. Overwritten with each read.
 */
public final class UdpReceived {
    private final MutableAddress source = new MutableAddress();
    private final MutableAddress local = new MutableAddress();
    private int offset;
    private int length;
    private int segmentBytes;

    void set(int newOffset, int newLength, int newSegmentBytes) {
        offset = newOffset;
        length = newLength;
        segmentBytes = newSegmentBytes;
    }

    /** Where the first datagram begins in {@link UdpDriver#memory()}. */
    public int offset() {
        return offset;
    }

    /** Bytes of all datagrams together. */
    public int length() {
        return length;
    }

    /** Bytes of each datagram but perhaps the last; equal to the length when there is one. */
    public int segmentBytes() {
        return segmentBytes;
    }

    public MutableAddress source() {
        return source;
    }

    /** To which address it was sent (port 0), or all zeros where the socket does not tell. */
    public MutableAddress local() {
        return local;
    }
}
