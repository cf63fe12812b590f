package dev.peerline.datachannel.sctp.chunk;

/**
 * Writes one packet into an array, chunk after chunk. The caller asks {@link #remaining} first: a
 * chunk that does not fit is its fault.
 *
 * <p>Not thread-safe; one object serves all packets.
 */
public final class PacketWriter {
    private byte[] bytes = new byte[0];
    private int offset;
    private int position;
    private int limit;
    private int chunkStart;

    /** Begins a packet of at most {@code maxBytes} at {@code offset}. */
    public void begin(byte[] out, int offset, int maxBytes) {
        this.bytes = out;
        this.offset = offset;
        this.limit = Math.min(out.length, offset + maxBytes);
        this.position = offset + PacketHeader.BYTES;
    }

    /** Writes the common header with a checksum of zero. */
    public void header(int sourcePort, int destinationPort, int verificationTag) {
        Bytes.put16(bytes, offset, sourcePort);
        Bytes.put16(bytes, offset + 2, destinationPort);
        Bytes.put32(bytes, offset + 4, verificationTag);
        Bytes.put32(bytes, offset + 8, 0);
    }

    public byte[] bytes() {
        return bytes;
    }

    /** Bytes of the packet so far, header included. */
    public int length() {
        return position - offset;
    }

    public boolean isEmpty() {
        return position == offset + PacketHeader.BYTES;
    }

    public int remaining() {
        return limit - position;
    }

    public int position() {
        return position;
    }

    public PacketWriter beginChunk(int type, int flags) {
        chunkStart = position;
        Bytes.put8(bytes, position, type);
        Bytes.put8(bytes, position + 1, flags);
        position += ChunkCursor.HEADER_BYTES;
        return this;
    }

    /** Fills in the chunk's length and pads it with zeros. */
    public void endChunk() {
        Bytes.put16(bytes, chunkStart + 2, position - chunkStart);
        pad();
    }

    /** Begins a parameter (or an error cause) and returns what {@link #endParameter} needs. */
    public int beginParameter(int type) {
        int start = position;
        put16(type);
        put16(0);
        return start;
    }

    /**
     * Fills in a parameter's length. Padding belongs between parameters: RFC 9260 §3.2 keeps that
     * of the last one out of the chunk's length, so it is the next one, or the chunk, that pads.
     */
    public void endParameter(int start) {
        Bytes.put16(bytes, start + 2, position - start);
    }

    /** Zeros up to a multiple of four, counted from the packet's begin. */
    public void pad() {
        while (((position - offset) & 3) != 0) put8(0);
    }

    public void put8(int value) {
        Bytes.put8(bytes, position, value);
        position += 1;
    }

    public void put16(int value) {
        Bytes.put16(bytes, position, value);
        position += 2;
    }

    public void put32(int value) {
        Bytes.put32(bytes, position, value);
        position += 4;
    }

    public void put64(long value) {
        Bytes.put64(bytes, position, value);
        position += 8;
    }

    public void put(byte[] source) {
        put(source, 0, source.length);
    }

    public void put(byte[] source, int from, int length) {
        System.arraycopy(source, from, bytes, position, length);
        position += length;
    }
}
