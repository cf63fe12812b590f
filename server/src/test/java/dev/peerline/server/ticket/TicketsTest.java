package dev.peerline.server.ticket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

import javax.crypto.SecretKey;

final class TicketsTest {
    private static final byte[] CONTENT = {1, 2, 3};
    private static final String LINK = "/v1/link";

    private Instant now = Instant.ofEpochSecond(1_764_000_000);
    private final InstantSource clock = () -> now;
    private final Tickets tickets = new Tickets(List.of(), clock);

    private List<SecretKey> keys(String... secrets) {
        return new Tokens(List.of(secrets).stream().map(Secret::of).toList(), clock)
                .keys(Tickets.PURPOSE);
    }

    @Test
    void whatWasSealedIsOpenedAsOftenAsAskedForUntilItsTimeIsOver() {
        Tickets.Ticket ticket = tickets.seal(LINK, CONTENT);
        assertEquals(now.toEpochMilli() + 300_000, ticket.expiresAtMillis());
        for (int i = 0; i < 3; i++) assertArrayEquals(CONTENT, tickets.open(LINK, ticket.text()));
        now = now.plusMillis(299_999);
        assertArrayEquals(CONTENT, tickets.open(LINK, ticket.text()));
        now = now.plusMillis(1);
        assertNull(tickets.open(LINK, ticket.text()));
    }

    @Test
    void itReadsOneResource() {
        assertNull(tickets.open("/v1/topics/news", tickets.seal(LINK, CONTENT).text()));
    }

    @Test
    void noTwoLookAlike() {
        assertNotEquals(tickets.seal(LINK, CONTENT).text(), tickets.seal(LINK, CONTENT).text());
    }

    @Test
    void whatIsForgedOpensNothing() {
        String text = tickets.seal(LINK, CONTENT).text();
        for (int i = 0; i < text.length() - 1; i++) {
            char other = text.charAt(i) == 'A' ? 'B' : 'A';
            String forged = text.substring(0, i) + other + text.substring(i + 1);
            assertNull(tickets.open(LINK, forged), "character " + i);
        }
        for (String bad : List.of("", "A", "*", text.substring(0, 16), text + "AAAA")) {
            assertNull(tickets.open(LINK, bad), bad);
        }
        assertNull(new Tickets(List.of(), clock).open(LINK, text));
    }

    @Test
    void everySecretOpensAndTheFirstSeals() {
        String old = "old-".repeat(8);
        String fresh = "new-".repeat(8);
        Tickets before = new Tickets(keys(old), clock);
        Tickets between = new Tickets(keys(fresh, old), clock);
        Tickets after = new Tickets(keys(fresh), clock);
        String first = before.seal(LINK, CONTENT).text();
        String second = between.seal(LINK, CONTENT).text();
        assertArrayEquals(CONTENT, between.open(LINK, first));
        assertArrayEquals(CONTENT, after.open(LINK, second));
        assertNull(after.open(LINK, first));
    }
}
