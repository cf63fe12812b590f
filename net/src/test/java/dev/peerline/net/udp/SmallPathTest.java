package dev.peerline.net.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Paths that datagrams do not fit, and kernels that refuse runs of them. */
final class SmallPathTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final MutableAddress ANYWHERE = new MutableAddress();

    /** {@code linux/socket.h}: a socket without checksums, for which no run can be cut up. */
    private static final int SO_NO_CHECK = 11;

    private final List<byte[]> arrived = new ArrayList<>();
    private final List<TransportAddress> destinations = new ArrayList<>();
    private final List<UdpReceiver.IcmpError> errors = new ArrayList<>();

    private static UdpSocket bind(UdpDriver driver, String host) throws IOException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.ofLiteral(host), 0);
        return driver.bind(UdpOptions.on(any).withErrorReports(true));
    }

    private static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private static void send(
            UdpDriver driver, UdpSocket from, UdpSocket to, byte[] it, boolean df) {
        int at = driver.scratch(it.length);
        driver.memory().put(at, it);
        UdpDatagram datagram = driver.outgoing().of(at, it.length).dontFragment(df);
        from.send(datagram, new MutableAddress().set(to.localAddress()), ANYWHERE);
    }

    /** Polls until there are so many datagrams and errors. */
    private void receive(UdpDriver driver, int datagrams, int refusals) throws IOException {
        UdpReceiver receiver =
                new UdpReceiver() {
                    @Override
                    public void received(UdpSocket socket, UdpReceived run) {
                        int end = run.offset() + run.length();
                        for (int at = run.offset(); at < end; at += run.segmentBytes()) {
                            byte[] bytes = new byte[Math.min(run.segmentBytes(), end - at)];
                            driver.memory().get(at, bytes);
                            arrived.add(bytes);
                        }
                    }

                    @Override
                    public void unreachable(
                            UdpSocket socket, TransportAddress destination, IcmpError error) {
                        destinations.add(destination);
                        errors.add(error);
                    }
                };
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (arrived.size() < datagrams || errors.size() < refusals) {
            long left = deadline - System.nanoTime();
            assertTrue(left > 0, arrived.size() + " datagrams, " + errors.size() + " errors");
            driver.poll(receiver, left);
        }
    }

    /** EMSGSIZE or EINVAL, by the kernel's age: segments larger than the path's MTU. */
    @Test
    void aRunThatTheRouteRefusesGoesDatagramByDatagram() throws Exception {
        OwnNetwork.run(
                () -> {
                    try (UdpDriver driver = new LinuxUdpDriver()) {
                        losesNoneOfABurst(driver, bind(driver, "127.0.0.1"), OwnNetwork.MTU + 100);
                    }
                });
    }

    /** EINVAL or EIO, by the kernel's age: segments that cannot be given a checksum. */
    @Test
    void aRunThatTheKernelCannotCutUpGoesDatagramByDatagram() throws IOException {
        assumeTrue(LinuxUdpDriver.isSupported());
        try (LinuxUdpDriver driver = new LinuxUdpDriver()) {
            LinuxUdpSocket from = (LinuxUdpSocket) bind(driver, "127.0.0.1");
            assertTrue(driver.option(from.fd, LinuxCalls.SOL_SOCKET, SO_NO_CHECK, 1) >= 0);
            losesNoneOfABurst(driver, from, 200);
        }
    }

    /** Twice: the second burst is not tried as a run again. */
    private void losesNoneOfABurst(UdpDriver driver, UdpSocket from, int bytes) throws IOException {
        UdpSocket to = bind(driver, "127.0.0.1");
        LinuxUdpSocket sender = (LinuxUdpSocket) from;
        int before = sender.largestSegment;
        for (int i = 0; i < 32; i++) {
            send(driver, from, to, pattern(bytes, i), false);
            if (i % 16 == 15) driver.flush();
        }
        receive(driver, 32, 0);
        for (int i = 0; i < 32; i++) assertArrayEquals(pattern(bytes, i), arrived.get(i));
        assertEquals(0, driver.sendErrors());
        assertTrue(before >= bytes && sender.largestSegment < bytes, "no run was refused");
    }

    /** What fits goes on whole, what does not is refused and told, and only where DF was asked. */
    @ParameterizedTest
    @CsvSource({
        "true, 127.0.0.1, 3, 4, 1300",
        "true, ::1, 2, 0, 1300",
        "false, 127.0.0.1, 3, 4, 0",
        "false, ::1, 2, 0, 1280"
    })
    void tellsOfADatagramTooLargeToGoUnfragmented(
            boolean nativeCalls, String host, int type, int code, int mtu) throws Exception {
        OwnNetwork.run(
                () -> {
                    try (UdpDriver driver = UdpDriver.open(nativeCalls)) {
                        assertTrue(driver.setsDontFragment());
                        UdpSocket from = bind(driver, host);
                        UdpSocket to = bind(driver, host);
                        send(driver, from, to, pattern(2000, 1), false);
                        send(driver, from, to, pattern(2000, 2), true);
                        send(driver, from, to, pattern(1200, 3), true);
                        send(driver, from, to, pattern(2000, 4), false);
                        receive(driver, 3, 1);
                        assertArrayEquals(pattern(2000, 1), arrived.get(0));
                        assertArrayEquals(pattern(1200, 3), arrived.get(1));
                        assertArrayEquals(pattern(2000, 4), arrived.get(2));
                        assertEquals(List.of(to.localAddress()), destinations);
                        assertEquals(List.of(new UdpReceiver.IcmpError(type, code, mtu)), errors);
                        assertEquals(1, driver.sendErrors());
                    }
                });
    }
}
