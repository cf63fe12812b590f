package dev.peerline.net.udp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The contract, and what only this driver can do. */
final class LinuxUdpDriverTest extends UdpDriverContract {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    @Override
    UdpDriver open() throws IOException {
        assumeTrue(LinuxUdpDriver.isSupported(), "skipped: no Linux, or no native access");
        return new LinuxUdpDriver();
    }

    @Test
    void isWhatOpenChooses() throws IOException {
        try (UdpDriver chosen = UdpDriver.open(true);
                UdpDriver portable = UdpDriver.open(false)) {
            assertTrue(chosen.isNative());
            assertTrue(!portable.isNative());
        }
    }

    @Test
    void aRunOfEqualDatagramsTravelsAsOne() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        for (int i = 0; i < 32; i++) send(a, b, pattern(100, i));
        driver.flush();
        List<Integer> runs = new ArrayList<>();
        int bytes = 0;
        while (bytes < 3200) {
            driver.poll((socket, run) -> runs.add(run.length()), PATIENCE_NANOS);
            bytes = runs.stream().mapToInt(Integer::intValue).sum();
        }
        assertEquals(List.of(3200), runs);
    }

    @Test
    void datagramsTooLargeForARunGoOneByOne() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        for (int i = 0; i < 4; i++) send(a, b, pattern(40_000, i));
        driver.flush();
        assertEquals(4, receive(4).size());
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0, 127.0.0.1", "0.0.0.0, 127.0.0.5", "::, ::1"})
    void aWildcardSocketTellsAndUsesTheAddressThatWasMeant(String wildcard, String host)
            throws IOException {
        InetSocketAddress any = at(wildcard, 0);
        UdpSocket server = driver.bind(UdpOptions.on(any).withPacketInfo(true));
        UdpSocket client = bind(host);
        TransportAddress target = TransportAddress.of(at(host, server.localAddress().port()));
        int at = driver.scratch(4);
        client.send(
                driver.outgoing().of(at, 4),
                new MutableAddress().set(target),
                new MutableAddress());
        List<TransportAddress> answers = new ArrayList<>();
        while (answers.isEmpty()) {
            driver.poll(
                    (socket, run) -> {
                        if (socket.equals(client)) {
                            answers.add(run.source().toAddress());
                            return;
                        }
                        assertEquals(target.withPort(0), run.local().toAddress());
                        driver.outgoing().of(run.offset(), run.length());
                        server.send(driver.outgoing(), run.source(), run.local());
                    },
                    PATIENCE_NANOS);
        }
        assertEquals(List.of(target), answers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void reportsThatNobodyListens(String host) throws IOException {
        UdpSocket a = driver.bind(UdpOptions.on(at(host, 0)).withErrorReports(true));
        UdpSocket gone = bind(host);
        MutableAddress nowhere = to(gone);
        gone.close();
        int at = driver.scratch(4);
        a.send(driver.outgoing().of(at, 4), nowhere, new MutableAddress());
        List<UdpReceiver.IcmpError> errors = new ArrayList<>();
        while (errors.isEmpty()) {
            driver.poll(
                    new UdpReceiver() {
                        @Override
                        public void received(UdpSocket socket, UdpReceived run) {}

                        @Override
                        public void unreachable(
                                UdpSocket socket, TransportAddress destination, IcmpError error) {
                            assertEquals(a, socket);
                            assertEquals(nowhere.toAddress(), destination);
                            errors.add(error);
                        }
                    },
                    PATIENCE_NANOS);
        }
        boolean ipv4 = host.contains(".");
        assertEquals(new UdpReceiver.IcmpError(ipv4 ? 3 : 1, ipv4 ? 3 : 4, 0), errors.getFirst());
    }

    @Test
    void anIcmpErrorDoesNotCostTheNextDatagram() throws IOException {
        UdpSocket a = driver.bind(UdpOptions.on(at("127.0.0.1", 0)).withErrorReports(true));
        UdpSocket b = bind("127.0.0.1");
        UdpSocket gone = bind("127.0.0.1");
        gone.close();
        for (int i = 0; i < 20; i++) {
            send(a, gone, pattern(10, i));
            driver.flush();
            send(a, b, pattern(10, i));
            driver.flush();
        }
        assertEquals(20, receive(20).size());
        assertEquals(0, driver.sendErrors());
    }

    @Test
    void setsDontFragmentForOneDatagramAlone() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        int at = driver.scratch(100);
        for (int i = 0; i < 3; i++) {
            driver.outgoing().of(at, 100).dontFragment(i == 1);
            a.send(driver.outgoing(), to(b), new MutableAddress());
        }
        driver.flush();
        assertEquals(3, receive(3).size());
    }

    @Test
    void socketsOnOnePortShareItsPeers() throws IOException {
        InetSocketAddress any = at("127.0.0.1", 0);
        UdpSocket first = driver.bind(UdpOptions.on(any).withReusePort(true));
        UdpSocket second =
                driver.bind(
                        UdpOptions.on(first.localAddress().inetSocketAddress())
                                .withReusePort(true));
        for (int i = 0; i < 64; i++) send(bind("127.0.0.1"), first, pattern(8, i));
        driver.flush();
        List<Arrival> arrivals = receive(64);
        long atFirst = arrivals.stream().filter(it -> it.socket().equals(first)).count();
        assertNotEquals(0, atFirst);
        assertNotEquals(64, atFirst);
        assertTrue(
                arrivals.stream()
                        .allMatch(it -> it.socket().equals(first) || it.socket().equals(second)));
    }
}
