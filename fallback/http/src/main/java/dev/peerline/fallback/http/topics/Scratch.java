package dev.peerline.fallback.http.topics;

import java.nio.ByteBuffer;

/**
 * Memory outside the heap that what many readers get is copied to once, so that no write copies it
 * again. It is good until the next copy: who could not write all of it keeps a copy of the rest.
 * Not thread-safe.
 */
final class Scratch {
    /** The most that a batch has, but for a large last message. */
    private static final int BYTES = 128 * 1024;

    private final ByteBuffer memory = ByteBuffer.allocateDirect(BYTES);

    /** The same bytes; what is too large stays where it is. */
    ByteBuffer copy(ByteBuffer bytes) {
        if (bytes.remaining() > BYTES) return bytes;
        memory.clear().put(bytes.duplicate()).flip();
        return memory.duplicate();
    }

    /** What is left of bytes that may stand in a scratch, to be kept. */
    static ByteBuffer keep(ByteBuffer rest) {
        if (!rest.isDirect()) return rest;
        return ByteBuffer.allocate(rest.remaining()).put(rest).flip();
    }
}
