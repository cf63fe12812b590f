package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Reads a packet's frames: all of them, or what was wrong with the first bad one. */
final class PacketReader {
    /** An unknown type from here on is skipped; one below is refused. */
    private static final int FIRST_SKIPPABLE_TYPE = 64;

    private PacketReader() {}

    /** Reads a body whose type is known; null for a type that is not. */
    @FunctionalInterface
    interface BodyReader<F> {
        @Nullable F read(long type, WireReader reader);
    }

    static <F extends Frame> Parsed<List<F>> read(Bytes packet, BodyReader<F> bodies) {
        WireReader reader = packet.reader();
        List<F> frames = new ArrayList<>(2);
        while (reader.ok() && !reader.atEnd()) {
            long type = reader.varint();
            int outer = reader.enter(reader.count(1));
            F frame = reader.ok() ? bodies.read(type, reader) : null;
            if (frame != null) {
                frames.add(frame);
            } else if (type >= FIRST_SKIPPABLE_TYPE) {
                reader.rest();
            } else {
                reader.fail("type " + type + " is not known here");
            }
            reader.leave(outer);
        }
        return reader.result(frames);
    }
}
