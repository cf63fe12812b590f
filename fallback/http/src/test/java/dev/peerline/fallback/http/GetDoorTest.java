package dev.peerline.fallback.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long a poll may wait: docs/protocol.md, section 6. */
final class GetDoorTest {
    @ParameterizedTest
    @CsvSource({
        ", 0",
        "0, 0",
        "1, 1_000",
        "030, 30_000",
        "30, 30_000",
        "31, 30_000",
        "999999999, 30_000",
        "9999999999, -1",
        "-1, -1",
        "1.5, -1",
        "'', -1",
        "1s, -1"
    })
    void moreThanTheCapIsTakenAsTheCap(String wait, String millis) {
        assertEquals(Integer.parseInt(millis.replace("_", "")), GetDoor.waitMillis(wait));
    }
}
