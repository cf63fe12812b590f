package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicReader;

import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

import java.io.IOException;
import java.nio.ByteBuffer;

/** A reader that writes to its connection as messages come: one write at a time. */
abstract class StreamingReader extends Reader {
    private final StreamSinkChannel sink;

    /** What is on its way. */
    private @Nullable ByteBuffer rest;

    private long writtenMillis;
    private boolean listening;

    StreamingReader(Hub hub, Subscription asked, StreamSinkChannel sink, TopicReader place) {
        super(hub, place, asked.untilMillis(hub.nowMillis()), asked.granted().limitsKey());
        this.sink = sink;
        sink.getWriteSetter().set(_ -> writeOn());
    }

    @Override
    final boolean isBusy() {
        return rest != null;
    }

    @Override
    final long writingSinceMillis() {
        return rest == null ? 0 : writtenMillis;
    }

    /** When it wrote last. */
    final long writtenMillis() {
        return writtenMillis;
    }

    /** Writes, and {@link #left} follows: at once, or when there was room. It is not busy. */
    final void send(ByteBuffer bytes) {
        rest = bytes;
        writtenMillis = hub().writingMillis();
        writeOn();
    }

    /** There may be room. */
    private void writeOn() {
        ByteBuffer bytes = rest;
        if (bytes == null) {
            sink.suspendWrites();
            return;
        }
        try {
            boolean more = true;
            while (more && bytes.hasRemaining()) more = sink.write(bytes) > 0;
            if (bytes.hasRemaining() || !sink.flush()) {
                rest = Scratch.keep(bytes);
                listening = true;
                sink.resumeWrites();
                return;
            }
        } catch (IOException _) {
            rest = null;
            abort();
            return;
        }
        rest = null;
        if (listening) {
            listening = false;
            sink.suspendWrites();
        }
        left();
    }

    /** What was on its way has left. */
    abstract void left();
}
