package dev.peerline.sdk.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.ice.IceServer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

final class IceServersTest {
    @Test
    void readsWhatTheServerAnswersAndPassesOverWhatNobodyHereKnows() {
        String json =
                """
                {"iceServers":[
                  {"urls":"stun:192.0.2.1:3478"},
                  {"urls":["turn:192.0.2.1?transport=udp","stuns:192.0.2.1","turns:a.example:443?transport=tcp"],
                   "username":"1:x","credential":"secret"},
                  {"urls":["turn:192.0.2.2"]}],
                 "ttl":3600}
                """;
        assertEquals(
                List.of(
                        IceServer.stun("192.0.2.1", 3478),
                        IceServer.turn(IceServer.Kind.TURN_UDP, "192.0.2.1", 3478, "1:x", "secret"),
                        IceServer.turn(IceServer.Kind.TURN_TLS, "a.example", 443, "1:x", "secret")),
                IceServers.parse(json));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "7",
                "null",
                "{}",
                "{\"iceServers\":{}}",
                "{\"iceServers\":[7]}",
                "{\"iceServers\":[{\"urls\":{}}]}"
            })
    void whatIsMalformedIsNone(String json) {
        assertEquals(List.of(), IceServers.parse(json));
    }
}
