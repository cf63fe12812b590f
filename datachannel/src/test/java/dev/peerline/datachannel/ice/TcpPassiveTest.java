package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What a listener does with those who are nobody's peer. */
final class TcpPassiveTest {
    /** Long, so that who is closed before it is closed for another reason. */
    private static final Duration LONG = Duration.ofMinutes(10);

    private IcePort port;
    private TestPeer peer;

    @BeforeEach
    void listen() throws Exception {
        open(64, 8, LONG);
    }

    private void open(int connections, int unknown, Duration timeout) throws Exception {
        TcpOptions tcp = TcpOptions.none().withPassive(0).withLimits(connections, unknown, timeout);
        port =
                IcePort.open(
                        IcePortOptions.loopbackOnly()
                                .withAddresses(Inet4Address.class::isInstance)
                                .withTcp(tcp));
        peer = new TestPeer(port, IceOptions.defaults());
        peer.session.gather();
        // its parameters are known to the port when this has run
        peer.await("candidates", () -> peer.candidates.size() >= 2);
    }

    @AfterEach
    void close() {
        peer.close();
        port.close();
    }

    private InetSocketAddress place() {
        return port.localAddresses().stream()
                .filter(it -> it.getAddress() instanceof Inet4Address)
                .findFirst()
                .orElseThrow();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(place().getAddress(), place().getPort());
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(TestPeer.PATIENCE_SECONDS));
        return socket;
    }

    /** Ends or is reset; a timeout fails the test. */
    private static void awaitClosed(Socket socket) throws IOException {
        try {
            assertEquals(-1, socket.getInputStream().read());
        } catch (SocketException _) {
            // reset, since what it sent was not read
        }
    }

    private int connections() throws Exception {
        CompletableFuture<Integer> count = new CompletableFuture<>();
        SharedPort shared = (SharedPort) port;
        port.loop()
                .execute(
                        () ->
                                count.complete(
                                        shared.listeners().stream()
                                                .mapToInt(TcpPassive::connections)
                                                .sum()));
        return count.get(TestPeer.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void awaitConnections(int wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(TestPeer.PATIENCE_SECONDS);
        int now;
        // the loop is asked, so it must not wait for whoever asks
        while ((now = connections()) != wanted) {
            if (System.nanoTime() > end) throw new AssertionError(now + ", not " + wanted);
        }
    }

    private static byte[] frame(byte[] packet) {
        return ByteBuffer.allocate(2 + packet.length)
                .putShort((short) packet.length)
                .put(packet)
                .array();
    }

    private byte[] check(String password) {
        IceParameters here = peer.session.localParameters();
        IceParameters local = new IceParameters(here.usernameFragment(), password);
        IceParameters there = new IceParameters("peer", "x".repeat(22));
        Checks.Identity who = new Checks.Identity(there, local, true, 7);
        CheckMessages.TransactionId id = new CheckMessages.TransactionId(1, 2);
        ByteBuffer message = new CheckMessages().request(id, who, 99, false);
        byte[] bytes = new byte[message.remaining()];
        message.get(bytes);
        return bytes;
    }

    /** HTTP, TLS, an empty packet, data before any check, a STUN indication, no fingerprint. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "474554202f20485454502f312e310d0a0d0a",
                "1603010200010001fc0303",
                "0000",
                "000516feff0000",
                "001400110000" + "2112a442000102030405060708090a0b",
                "001400010000" + "2112a442000102030405060708090a0b",
                "0401"
            })
    void closesWhoSendsSomethingElseFirst(String hex) throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(HexFormat.of().parseHex(hex));
            awaitClosed(socket);
        }
        awaitConnections(0);
    }

    @Test
    void closesWhoDoesNotKnowThePassword() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(frame(check("y".repeat(22))));
            awaitClosed(socket);
        }
    }

    @Test
    void closesWhoSaysNothingInTime() throws Exception {
        close();
        open(64, 8, Duration.ofMillis(200));
        try (Socket silent = connect();
                Socket slow = connect()) {
            // a check that comes byte by byte has no more time than one that does not come
            slow.getOutputStream().write(frame(check("y".repeat(22))), 0, 20);
            awaitClosed(silent);
            awaitClosed(slow);
        }
        awaitConnections(0);
    }

    @Test
    void theOldestUnknownMakesRoomForANewcomer() throws Exception {
        peer.session.setRemote(new IceParameters("peer", "x".repeat(22)), IceRole.CONTROLLED);
        List<Socket> all = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) all.add(connect());
            awaitConnections(8);
            Socket known = connect();
            all.add(known);
            awaitClosed(all.getFirst());
            known.getOutputStream().write(frame(check(peer.session.localParameters().password())));
            assertEquals(0, known.getInputStream().read(), "the first byte of an answer");
            for (int i = 0; i < 30; i++) all.add(connect());
            // of those that are nobody's, 8; and the one that is
            awaitConnections(9);
        } finally {
            for (Socket each : all) each.close();
        }
        awaitConnections(0);
    }

    @Test
    void oneAddressHasSixteenUnknownAtMost() throws Exception {
        close();
        open(200, 100, LONG);
        List<Socket> all = new ArrayList<>();
        try {
            for (int i = 0; i < 16; i++) all.add(connect());
            awaitConnections(16);
            try (Socket more = connect()) {
                awaitClosed(more);
            }
            awaitConnections(16);
        } finally {
            for (Socket each : all) each.close();
        }
    }

    @Test
    void closesWhoSendsAFrameThatIsTooLong() throws Exception {
        try (Socket socket = connect()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(frame(check(peer.session.localParameters().password())));
            // known, it may send longer ones than before, but not this long
            out.writeBytes(frame(new byte[TcpFrame.MAX_BYTES]));
            socket.getOutputStream().write(out.toByteArray());
            awaitConnections(1);
            socket.getOutputStream().write(frame(new byte[TcpFrame.MAX_BYTES + 1]));
            awaitClosed(socket);
        }
        awaitConnections(0);
    }

    @Test
    void answersAGoodCheckThatComesInPieces() throws Exception {
        peer.session.setRemote(new IceParameters("peer", "x".repeat(22)), IceRole.CONTROLLED);
        try (Socket socket = connect()) {
            for (byte each : frame(check(peer.session.localParameters().password())))
                socket.getOutputStream().write(each);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            byte[] first = in.readNBytes(in.readUnsignedShort());
            byte[] second = in.readNBytes(in.readUnsignedShort());
            // a success response to ours, and a check of its own, in either order
            List<Integer> types = new ArrayList<>();
            types.add(ByteBuffer.wrap(first).getShort() & 0xffff);
            types.add(ByteBuffer.wrap(second).getShort() & 0xffff);
            types.sort(null);
            assertEquals(List.of(0x0001, 0x0101), types);
        }
    }

    @Test
    void closesItsConnectionsWithTheSession() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(frame(check(peer.session.localParameters().password())));
            awaitConnections(1);
            peer.session.close();
            awaitClosed(socket);
        }
    }

    @Test
    void takesNoMoreThanTheyMayBeInAll() throws Exception {
        close();
        open(3, 3, LONG);
        List<Socket> all = new ArrayList<>();
        byte[] good = frame(check(peer.session.localParameters().password()));
        try {
            for (int i = 0; i < 3; i++) {
                Socket socket = connect();
                all.add(socket);
                socket.getOutputStream().write(good);
            }
            awaitConnections(3);
            try (Socket more = connect()) {
                awaitClosed(more);
            }
        } finally {
            for (Socket each : all) each.close();
        }
    }

    @Test
    void leavesItsPortWhenItIsClosed() throws Exception {
        int number = place().getPort();
        close();
        IcePortOptions same =
                IcePortOptions.loopbackOnly().withTcp(TcpOptions.none().withPassive(number));
        IcePort.open(same).close();
        port = IcePort.open(same);
    }

    @Test
    void saysThatItsPortIsTaken() throws Exception {
        TcpOptions same = TcpOptions.none().withPassive(place().getPort());
        IcePortOptions options = IcePortOptions.loopbackOnly().withTcp(same);
        BindException taken = assertThrows(BindException.class, () -> IcePort.open(options));
        assertTrue(
                String.valueOf(taken.getMessage()).startsWith("TCP port " + same.port()),
                "" + taken);
    }
}
