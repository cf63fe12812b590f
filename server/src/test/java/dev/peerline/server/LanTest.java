package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;

import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.door.LocalAddresses;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** On machines that have a private address; on others there is nothing to see. */
final class LanTest {
    private final List<InetAddress> addresses = LocalAddresses.ofPrivateNetworks();

    @BeforeEach
    void needsAPrivateNetwork() {
        assumeTrue(!addresses.isEmpty(), "this machine has no private address");
    }

    @Test
    void thePageIsThereForOtherDevicesAndKnowsItsAddress() throws IOException {
        try (Serving serving = Serving.with("--lan")) {
            String expected =
                    "http://" + IpLiteral.inUrl(addresses.getFirst()) + ":" + serving.port();
            for (InetAddress address : addresses) {
                String authority = IpLiteral.inUrl(address) + ":" + serving.port();
                RawHttp.Answer answer =
                        RawHttp.send(
                                address,
                                serving.port(),
                                "GET",
                                "/v1/config",
                                "Host: " + authority,
                                "Origin: http://" + authority);
                assertEquals(200, answer.status());
                assertEquals(
                        expected,
                        JsonParser.parseString(answer.text())
                                .getAsJsonObject()
                                .get("lanUrl")
                                .getAsString());
            }
        }
    }

    @Test
    void withoutLanNobodyElseGetsThrough() throws IOException {
        try (Serving serving = Serving.with()) {
            assertThrows(
                    IOException.class,
                    () -> RawHttp.send(addresses.getFirst(), serving.port(), "GET", "/"));
            assertTrue(
                    RawHttp.get(serving.port(), "/v1/config").text().contains("\"lanUrl\":null"));
        }
    }
}
