package dev.peerline.fallback.link.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.util.List;

/** Whatever bytes come: a value, never an exception; and what was read writes to the same again. */
final class FrameFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void up(byte[] packet) {
        if (UpFrame.readAll(Bytes.of(packet)) instanceof Parsed.Good<List<UpFrame>>(var frames)) {
            assertEquals(new Parsed.Good<>(frames), UpFrame.readAll(write(frames)));
        }
    }

    @FuzzTest(maxDuration = "60s")
    void down(byte[] packet) {
        if (DownFrame.readAll(Bytes.of(packet)) instanceof Parsed.Good<List<DownFrame>>(var f)) {
            assertEquals(new Parsed.Good<>(f), DownFrame.readAll(write(f)));
        }
    }

    @FuzzTest(maxDuration = "60s")
    void pair(byte[] packet) {
        if (PairFrame.readAll(Bytes.of(packet)) instanceof Parsed.Good<List<PairFrame>>(var f)) {
            assertEquals(new Parsed.Good<>(f), PairFrame.readAll(write(f)));
        }
    }

    private static Bytes write(List<? extends Frame> frames) {
        WireWriter writer = new WireWriter();
        frames.forEach(writer::frame);
        return writer.take();
    }
}
