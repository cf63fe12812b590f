package dev.peerline.datachannel.dcep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** DATA_CHANNEL_OPEN from any bytes: no exception, and what was understood can be said again. */
final class OpenMessageFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void readsAnything(byte[] bytes) {
        ChannelOptions options = OpenMessage.decode(bytes);
        if (options == null) return;
        assertTrue(options.label().length() <= bytes.length);
        assertEquals(options, OpenMessage.decode(OpenMessage.encode(options)));
    }
}
