package dev.peerline.signaling.rooms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Welcome;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;

/** Clients in rooms, over real WebSockets. */
@Timeout(30)
final class LinkOverWebSocketTest {
    @Test
    void peersSeeEachOtherAndTalkInOrder() {
        try (LinkServer server = LinkServer.open();
                Client ada = new Client(server, "lobby", "ada", 1);
                Client bob = new Client(server, "lobby", "bob", 5)) {
            Welcome welcome = ada.join();
            assertFalse(welcome.resumed());
            assertEquals(ada.member().id(), welcome.id());
            assertEquals("ada", welcome.name());
            assertEquals("peerline/test", welcome.terms().server());
            assertEquals(List.of(), ada.awaitEntry(EntryBody.Roster.class).peers());

            bob.join();
            assertEquals(
                    List.of(new PeerRecord(ada.member(), false, "ada")),
                    bob.awaitEntry(EntryBody.Roster.class).peers());
            EntryBody.Presence joined = ada.awaitPresence(Change.JOINED);
            assertEquals(new PeerRecord(bob.member(), false, "bob"), joined.peer());

            ada.bind(0, bob.member());
            for (int i = 0; i < 100; i++) ada.envelope(0, "m" + i);
            for (int i = 0; i < 100; i++) assertEquals("m" + i, bob.awaitText());
        }
    }
}
