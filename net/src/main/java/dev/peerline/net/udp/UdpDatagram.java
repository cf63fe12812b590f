package dev.peerline.net.udp;

/**
 * One datagram to send, gathered from a head and a body in {@link UdpDriver#memory()} and up to
 * three bytes of zeros. Not thread-safe.
 */
public final class UdpDatagram {
    private int headOffset;
    private int headBytes;
    private int bodyOffset;
    private int bodyBytes;
    private int padBytes;
    private boolean dontFragment;

    /** A datagram that lies in one piece. */
    public UdpDatagram of(int offset, int bytes) {
        return of(0, 0, offset, bytes);
    }

    /** Two pieces, the first of which may be empty. */
    public UdpDatagram of(
            int newHeadOffset, int newHeadBytes, int newBodyOffset, int newBodyBytes) {
        headOffset = newHeadOffset;
        headBytes = newHeadBytes;
        bodyOffset = newBodyOffset;
        bodyBytes = newBodyBytes;
        padBytes = 0;
        dontFragment = false;
        return this;
    }

    /** Adds 0 to 3 zero bytes. */
    public UdpDatagram pad(int bytes) {
        padBytes = bytes;
        return this;
    }

    /** Whether the IP header says DF (IPv4) or no fragments are made (IPv6). */
    public UdpDatagram dontFragment(boolean on) {
        dontFragment = on;
        return this;
    }

    public int headOffset() {
        return headOffset;
    }

    public int headBytes() {
        return headBytes;
    }

    public int bodyOffset() {
        return bodyOffset;
    }

    public int bodyBytes() {
        return bodyBytes;
    }

    public int padBytes() {
        return padBytes;
    }

    public boolean dontFragment() {
        return dontFragment;
    }

    public int length() {
        return headBytes + bodyBytes + padBytes;
    }
}
