package dev.peerline.net.stun;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

import dev.peerline.net.MutableAddress;

import java.nio.ByteBuffer;

/** Any bytes: no exception, and no attribute outside of the message. */
final class StunReaderFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void readsAnything(byte[] bytes) {
        StunReader reader = new StunReader();
        if (reader.parse(ByteBuffer.wrap(bytes), 0, bytes.length) != StunParse.OK) return;
        MutableAddress address = new MutableAddress();
        for (int i = 0; i < reader.attributeCount(); i++) {
            assertTrue(reader.valueOffset(i) + reader.valueLength(i) <= bytes.length);
            reader.text(i);
            reader.number(i);
            reader.xorAddress(i, address);
            reader.plainAddress(i, address);
        }
        StunIntegrity integrity = new StunIntegrity();
        byte[] key = {1};
        integrity.verify(StunIntegrity.Kind.SHA1, reader, key);
        integrity.verify(StunIntegrity.Kind.SHA256, reader, key);
        StunFingerprint.isValid(reader);
        reader.errorCode();
    }
}
