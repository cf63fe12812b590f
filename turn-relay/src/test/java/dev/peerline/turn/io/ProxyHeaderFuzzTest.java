package dev.peerline.turn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.ByteBuffer;

/** Any bytes in front of a connection: no exception, and no header beyond what is there. */
final class ProxyHeaderFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void readsAnything(byte[] bytes) {
        ByteBuffer input = ByteBuffer.wrap(bytes);
        ProxyHeader header = ProxyHeader.read(input);
        assertEquals(0, input.position());
        assertTrue(header.bytes() <= bytes.length);
        assertEquals(header.source() == null, header.destination() == null);
        if (header.bytes() > 0) assertTrue(header.bytes() >= 16 && header.bytes() <= 1024);
        else assertTrue(header.source() == null);
        // What is no header with some bytes does not become one with more
        for (int i = 0; i < bytes.length; i++) {
            boolean none = ProxyHeader.read(ByteBuffer.wrap(bytes, 0, i)).bytes() < 0;
            if (none) assertTrue(header.bytes() < 0);
        }
    }
}
