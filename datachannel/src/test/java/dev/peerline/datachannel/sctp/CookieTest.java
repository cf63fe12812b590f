package dev.peerline.datachannel.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes into a cookie comes out of it (RFC 9260 §5.1.3). */
final class CookieTest {
    private static Cookie cookie(int bits) {
        Negotiated terms =
                new Negotiated(
                        -1,
                        2,
                        Integer.MIN_VALUE,
                        4,
                        65535,
                        40_000,
                        0xffff_ffffL,
                        (bits & 1) != 0,
                        (bits & 2) != 0,
                        (bits & 4) != 0,
                        (bits & 8) != 0);
        return new Cookie(terms, -77, 5, -6);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 4, 8, 15})
    void comesBackAsItWas(int bits) {
        Cookie decoded = Cookie.decode(cookie(bits).encode(99), 99);
        assertNotNull(decoded);
        assertEquals(cookie(bits), decoded);
    }

    @Test
    void isNoneOfAnotherSecret() {
        assertNull(Cookie.decode(cookie(0).encode(99), 98));
    }
}
