package dev.peerline.turn.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;

import java.nio.ByteBuffer;

/** What strangers send to a port of DTLS, before and with a cookie. */
final class ClientHelloFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void parsesAnything(FuzzedDataProvider data) {
        byte[] bytes = data.consumeBytes(data.consumeInt(0, 2000));
        ByteBuffer request = ByteBuffer.wrap(data.consumeRemainingAsBytes());
        ClientHello hello = ClientHello.parse(ByteBuffer.wrap(bytes));
        if (hello == null) return;
        assertTrue(ClientHello.isHandshake(hello.datagram()));
        assertTrue(hello.isAs(hello.copy()));
        boolean answers = hello.answers(request);
        if (answers) assertTrue(hello.hasCookie());
        assertEquals(answers, hello.copy().answers(request));
        ClientHello first = ClientHello.parse(hello.first());
        assertNotNull(first, "as it was before the cookie, it is a hello still");
        assertTrue(!first.hasCookie() && first.isAs(hello));
        assertEquals(first.datagram(), first.first());
    }
}
