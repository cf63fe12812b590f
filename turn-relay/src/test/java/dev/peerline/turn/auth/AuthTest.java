package dev.peerline.turn.auth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Nonces and where passwords come from. */
final class AuthTest {
    private static final TransportAddress ADA = new TransportAddress(0, 0xffff_0102_0304L, 5000);
    private static final byte[] KEY = {1, 2, 3};

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void noncesAreGoodForTheirAddressAndTime() {
        Nonces nonces = new Nonces(KEY);
        for (int features : new int[] {0, 1, 3}) {
            byte[] nonce = bytes(nonces.issue(ADA, features, 1000));
            assertEquals(features == 0 ? -1 : features, Nonces.features(nonce));
            assertTrue(nonces.isValid(nonce, ADA, 1000, 3600));
            assertTrue(
                    nonces.isValid(nonce, ADA.withPort(7), 4600, 3600), "a NAT changed the port");
            assertFalse(nonces.isValid(nonce, ADA, 4601, 3600));
            assertFalse(nonces.isValid(nonce, ADA, 999, 3600), "from the future");
            assertFalse(nonces.isValid(nonce, new TransportAddress(0, 1, 5000), 1000, 3600));
            assertFalse(new Nonces(new byte[] {9}).isValid(nonce, ADA, 1000, 3600));
        }
    }

    @Test
    void noCharacterOfANonceCanBeChanged() {
        Nonces nonces = new Nonces(KEY);
        byte[] nonce = bytes(nonces.issue(ADA, 3, 1000));
        for (int i = 0; i < nonce.length; i++) {
            byte[] changed = nonce.clone();
            changed[i] = (byte) (changed[i] == 'A' ? 'B' : 'A');
            assertFalse(nonces.isValid(changed, ADA, 1000, 3600), "character " + i);
        }
        assertFalse(nonces.isValid(bytes(""), ADA, 1000, 3600));
        assertFalse(nonces.isValid(bytes("obMatJos2"), ADA, 1000, 3600));
        assertFalse(nonces.isValid(bytes("obMatJos2????AAAA"), ADA, 1000, 3600));
    }

    @Test
    void timeLimitedNamesWorkUntilTheyRunOutWithAnyOfTheSecrets() {
        TimeLimitedSecrets old = new TimeLimitedSecrets(List.of("old"));
        TimeLimitedSecrets both = new TimeLimitedSecrets(List.of("new", "old"));
        String name = "2000:ada";
        assertTrue(both.passwords(name, 1999).contains(old.password(name)));
        assertEquals(both.passwords(name, 1999).getFirst(), both.password(name));
        assertEquals(List.of(), both.passwords(name, 2000));
        assertEquals(2, both.passwordsToGoOn(name, 9999).size());
        assertEquals("ada", both.account(name));
        for (String bad : List.of("", "ada", ":ada", "-5:ada", "99999999999999999999:a", "1e9:a")) {
            assertEquals(List.of(), both.passwords(bad, 0), bad);
            assertEquals(List.of(), both.passwordsToGoOn(bad, 0), bad);
        }
    }

    /** Computed with another implementation of HMAC. */
    @Test
    void thePasswordIsBase64OfHmacSha1() {
        assertEquals(
                "jy8hTxmOO7UtEKXqSkSlvakPVYA=",
                new TimeLimitedSecrets(List.of("north")).password("1433895918:ninefingers"));
    }

    @Test
    void usersAreReadFromLines() {
        StaticUsers users = StaticUsers.parse(List.of("# people", "", "ada:se:cret", "  bob:x  "));
        assertEquals(List.of("se:cret"), users.passwords("ada", 0));
        assertEquals(List.of("x"), users.passwords("bob", 0));
        assertEquals(List.of(), users.passwords("eve", 0));
        assertEquals("ada", users.usernameOf(PasswordAlgorithm.userHash("ada", "r"), "r"));
        assertNull(users.usernameOf(PasswordAlgorithm.userHash("eve", "r"), "r"));
        Exception wrong =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> StaticUsers.parse(List.of("ada:x", "bob")));
        assertTrue(String.valueOf(wrong.getMessage()).contains("line 2"));
    }

    @Test
    void severalSourcesAreAskedInTurn() {
        Credentials both =
                Credentials.anyOf(
                        List.of(
                                StaticUsers.parse(List.of("ada:x")),
                                new TimeLimitedSecrets(List.of("s"))));
        assertEquals(List.of("x"), both.passwords("ada", 0));
        assertEquals(1, both.passwords("99:bob", 0).size());
        assertEquals("bob", both.account("99:bob"));
        assertFalse(both.knowsUserHashes(), "a time-limited name cannot be found by its hash");
        assertArrayEquals(
                new Object[] {"ada"},
                new Object[] {both.usernameOf(PasswordAlgorithm.userHash("ada", "r"), "r")});
    }
}
