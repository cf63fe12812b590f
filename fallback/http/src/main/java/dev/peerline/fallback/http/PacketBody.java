package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;

import org.xnio.IoUtils;
import org.xnio.channels.StreamSourceChannel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Puts a packet together from what a channel brings, and keeps no more of it than a packet may
 * have. Runs on the channel's I/O thread.
 */
public final class PacketBody {
    /** Most packets fit; larger ones grow. */
    private static final int FIRST_BYTES = 1024;

    /** What becomes of it: one of these, once. */
    public interface Receiver {
        /** All of it is here. */
        void whole(Bytes packet);

        /** It is larger than it may be; the rest is read for nothing. */
        void tooLarge();

        /** The channel broke. */
        void failed();
    }

    private final StreamSourceChannel source;
    private final int maxBytes;
    private final Receiver receiver;
    private byte[] array = new byte[FIRST_BYTES];
    private int size;
    private boolean dropping;

    /**
     * @param maxBytes all of it may have
     */
    public PacketBody(StreamSourceChannel source, int maxBytes, Receiver receiver) {
        this.source = source;
        this.maxBytes = maxBytes;
        this.receiver = receiver;
    }

    /** Reads it, now and whenever more comes. */
    public void read() {
        try {
            if (readAvailable()) return;
            source.getReadSetter().set(_ -> readMore());
            source.resumeReads();
        } catch (IOException _) {
            receiver.failed();
        }
    }

    /** Reads it to its end for nothing. */
    void drop() {
        dropping = true;
        read();
    }

    /** What comes still is not wanted: the channel is closed for it. */
    void abandon() {
        dropping = true;
        IoUtils.safeClose(source);
    }

    private void readMore() {
        try {
            if (readAvailable()) source.suspendReads();
        } catch (IOException _) {
            receiver.failed();
        }
    }

    /** Returns false when there is more to come. */
    private boolean readAvailable() throws IOException {
        while (true) {
            if (dropping) size = 0;
            if (size == array.length) grow();
            int count = source.read(ByteBuffer.wrap(array, size, array.length - size));
            if (count == 0) return false;
            if (count < 0) {
                if (!dropping) receiver.whole(Bytes.view(array, 0, size));
                return true;
            }
            size += count;
            if (size > maxBytes && !dropping) {
                dropping = true;
                receiver.tooLarge();
            }
        }
    }

    private void grow() {
        array = Arrays.copyOf(array, Math.min(size * 4, maxBytes + 1));
    }
}
