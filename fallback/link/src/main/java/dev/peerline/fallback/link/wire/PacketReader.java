package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Reads a packet's frames. */
final class PacketReader {
    /** An unknown type from here on is skipped; one below is refused. */
    private static final int FIRST_SKIPPABLE_TYPE = 64;

    private PacketReader() {}

    /** Reads a body whose type is known; null for a type that is not. */
    @FunctionalInterface
    interface BodyReader<F> {
        @Nullable F read(long type, WireReader reader);
    }

    /** All of them, or what was wrong with the first bad one. */
    static <F extends Frame> Parsed<List<F>> read(Bytes packet, BodyReader<F> bodies) {
        WireReader reader = packet.reader();
        List<F> frames = new ArrayList<>(2);
        readEach(reader, bodies, frames::add);
        return reader.result(frames);
    }

    /** Hands them over one by one; false when one is bad, or refused. */
    static <F extends Frame> boolean readEach(
            Bytes packet, BodyReader<F> bodies, Predicate<F> handler) {
        WireReader reader = packet.reader();
        readEach(reader, bodies, handler);
        return reader.ok();
    }

    private static <F extends Frame> void readEach(
            WireReader reader, BodyReader<F> bodies, Predicate<F> handler) {
        while (reader.ok() && !reader.atEnd()) {
            long type = reader.varint();
            int outer = reader.enter(reader.count(1));
            F frame = reader.ok() ? bodies.read(type, reader) : null;
            if (frame == null && type >= FIRST_SKIPPABLE_TYPE) {
                reader.rest();
            } else if (frame == null) {
                reader.fail("type " + type + " is not known here");
            }
            reader.leave(outer);
            if (frame != null && reader.ok() && !handler.test(frame)) reader.fail("refused");
        }
    }
}
