package dev.peerline.natlab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.junit.jupiter.api.Test;

import java.io.IOException;

final class NatLabTest {
    private static final String ECHO = NatLab.folder().resolve("selftest/echo.py").toString();
    private static final int DATAGRAMS = 3;

    @Test
    void aCutSilencesOneClientUntilItIsHealed() throws Exception {
        try (NatLab lab = NatLab.up("alice=sym", "bob=port")) {
            serve(lab);
            assertEquals(DATAGRAMS, answered(lab, "alice"));
            lab.act("cut alice down");
            assertEquals(0, answered(lab, "alice"));
            assertEquals(DATAGRAMS, answered(lab, "bob"));
            lab.act("heal alice");
            assertEquals(DATAGRAMS, answered(lab, "alice"));
        }
    }

    @Test
    void twoLaboratoriesDoNotMeet() throws Exception {
        try (NatLab one = NatLab.up();
                NatLab other = NatLab.up()) {
            serve(one);
            assertEquals(DATAGRAMS, answered(one, "alice"));
            assertEquals(0, answered(other, "alice"));
        }
    }

    @Test
    void whatEndsWithALaboratoryIsEveryProcessInIt() throws Exception {
        Process server;
        try (NatLab lab = NatLab.up()) {
            server = serve(lab);
            assertTrue(server.isAlive());
        }
        assertTrue(server.waitFor() != 0);
    }

    @Test
    void whatIsNotUnderstoodIsRefused() {
        try (NatLab lab = NatLab.up()) {
            assertThrows(IllegalArgumentException.class, () -> lab.act("cut carol"));
            assertThrows(IllegalArgumentException.class, () -> NatLab.up("alice=nat"));
            lab.act("cut alice");
        }
    }

    private static Process serve(NatLab lab) throws IOException {
        Process server = lab.exec("server", "python3", ECHO, "serve").start();
        assertEquals("ready", server.inputReader(UTF_8).readLine());
        return server;
    }

    /** How many of a few datagrams from that host to the server were answered. */
    private static int answered(NatLab lab, String host) throws Exception {
        String count = String.valueOf(DATAGRAMS);
        Process asking = lab.exec(host, "python3", ECHO, "ask", count, "0.02").start();
        String said = new String(asking.getInputStream().readAllBytes(), UTF_8);
        assertEquals(0, asking.waitFor());
        return Integer.parseInt(said.replaceAll("(?s).*\"answered\": (\\d+).*", "$1"));
    }
}
