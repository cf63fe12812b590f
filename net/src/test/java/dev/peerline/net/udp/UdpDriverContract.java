package dev.peerline.net.udp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** What every driver does. */
abstract class UdpDriverContract {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final MutableAddress ANYWHERE = new MutableAddress();

    UdpDriver driver;

    abstract UdpDriver open() throws IOException;

    @BeforeEach
    void openDriver() throws IOException {
        driver = open();
    }

    @AfterEach
    void closeDriver() {
        driver.close();
    }

    static final class Arrival {
        private final UdpSocket socket;
        private final TransportAddress source;
        private final byte[] bytes;

        Arrival(UdpSocket socket, TransportAddress source, byte[] bytes) {
            this.socket = socket;
            this.source = source;
            this.bytes = bytes;
        }

        UdpSocket socket() {
            return socket;
        }

        TransportAddress source() {
            return source;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    UdpSocket bind(String host) throws IOException {
        return driver.bind(UdpOptions.on(at(host, 0)));
    }

    static MutableAddress to(UdpSocket socket) {
        return new MutableAddress().set(socket.localAddress());
    }

    void send(UdpSocket from, UdpSocket to, byte[] bytes) {
        int at = driver.scratch(bytes.length);
        driver.memory().put(at, bytes);
        from.send(driver.outgoing().of(at, bytes.length), to(to), ANYWHERE);
    }

    /** Polls until so many datagrams arrived. */
    List<Arrival> receive(int count) throws IOException {
        List<Arrival> arrivals = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (arrivals.size() < count) {
            long left = deadline - System.nanoTime();
            assertTrue(left > 0, arrivals.size() + " of " + count + " arrived");
            driver.poll((socket, run) -> split(socket, run, arrivals), left);
        }
        return arrivals;
    }

    void split(UdpSocket socket, UdpReceived run, List<Arrival> out) {
        int end = run.offset() + run.length();
        int at = run.offset();
        do {
            byte[] bytes = new byte[Math.min(run.segmentBytes(), end - at)];
            driver.memory().get(at, bytes);
            out.add(new Arrival(socket, run.source().toAddress(), bytes));
            at += Math.max(1, run.segmentBytes());
        } while (at < end);
    }

    static byte[] pattern(int length, int seed) {
        byte[] bytes = new byte[length];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void deliversADatagramWithItsSource(String host) throws IOException {
        UdpSocket a = bind(host);
        UdpSocket b = bind(host);
        send(a, b, new byte[] {1, 2, 3});
        driver.flush();
        Arrival arrival = receive(1).getFirst();
        assertEquals(b, arrival.socket());
        assertEquals(a.localAddress(), arrival.source());
        assertArrayEquals(new byte[] {1, 2, 3}, arrival.bytes());
    }

    @Test
    void deliversEmptyAndLargestDatagrams() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        byte[] large = pattern(65_507, 1);
        send(a, b, new byte[0]);
        send(a, b, large);
        driver.flush();
        List<Arrival> arrivals = receive(2);
        assertEquals(0, arrivals.get(0).bytes().length);
        assertArrayEquals(large, arrivals.get(1).bytes());
    }

    /** Runs of one length, of falling and of rising lengths, and to two addresses in turn. */
    @Test
    void keepsBoundariesAndOrderOfWhatLeavesTogether() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        UdpSocket c = bind("127.0.0.1");
        SplittableRandom random = new SplittableRandom(7);
        List<byte[]> toB = new ArrayList<>();
        List<byte[]> toC = new ArrayList<>();
        int length = 500;
        for (int i = 0; i < 400; i++) {
            if (random.nextInt(6) == 0) length = random.nextInt(1, 1400);
            byte[] bytes = pattern(length, i);
            boolean other = random.nextInt(10) == 0;
            (other ? toC : toB).add(bytes);
            send(a, other ? c : b, bytes);
        }
        driver.flush();
        List<Arrival> arrivals = receive(400);
        assertSame(toB, arrivals.stream().filter(it -> it.socket().equals(b)).toList());
        assertSame(toC, arrivals.stream().filter(it -> it.socket().equals(c)).toList());
        assertEquals(0, driver.sendErrors());
    }

    private static void assertSame(List<byte[]> expected, List<Arrival> arrivals) {
        assertEquals(expected.size(), arrivals.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), arrivals.get(i).bytes(), "datagram " + i);
        }
    }

    @Test
    void gathersHeadBodyAndZeros() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        int at = driver.scratch(64);
        for (int i = 0; i < 64; i++) driver.memory().put(at + i, (byte) (i + 1));
        for (int i = 0; i < 3; i++) {
            driver.outgoing().of(at + 20, 4, at + i, 5).pad(3);
            a.send(driver.outgoing(), to(b), ANYWHERE);
        }
        driver.flush();
        List<Arrival> arrivals = receive(3);
        for (int i = 0; i < 3; i++) {
            byte[] expected = {21, 22, 23, 24, 1, 2, 3, 4, 5, 0, 0, 0};
            for (int k = 4; k < 9; k++) expected[k] += (byte) i;
            assertArrayEquals(expected, arrivals.get(i).bytes());
        }
    }

    @Test
    void forwardsWhatItReceivedWithoutACopy() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket relay = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        for (int i = 0; i < 100; i++) send(a, relay, pattern(200, i));
        driver.flush();
        List<Arrival> arrivals = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (arrivals.size() < 100 && System.nanoTime() < deadline) {
            driver.poll(
                    (socket, run) -> {
                        if (socket.equals(b)) split(socket, run, arrivals);
                        else forwardWithoutHeader(relay, run, b);
                    },
                    PATIENCE_NANOS);
        }
        assertEquals(100, arrivals.size());
        for (int i = 0; i < 100; i++) {
            byte[] expected = Arrays.copyOfRange(pattern(200, i), 4, 200);
            assertArrayEquals(expected, arrivals.get(i).bytes());
        }
    }

    private void forwardWithoutHeader(UdpSocket relay, UdpReceived run, UdpSocket target) {
        for (int at = 0; at < run.length(); at += run.segmentBytes()) {
            int length = Math.min(run.segmentBytes(), run.length() - at);
            driver.outgoing().of(run.offset() + at + 4, length - 4);
            relay.send(driver.outgoing(), to(target), ANYWHERE);
        }
    }

    @Test
    void scratchNeverOverwritesWhatIsQueued() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 20; i++) send(a, b, pattern(9000, round * 20 + i));
            driver.flush();
            List<Arrival> arrivals = receive(20);
            for (int i = 0; i < 20; i++) {
                assertArrayEquals(pattern(9000, round * 20 + i), arrivals.get(i).bytes());
            }
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> driver.scratch(UdpDriver.MAX_SCRATCH_BYTES + 1));
    }

    @Test
    void aTakenPortIsABindExceptionAndAClosedOneIsFreeAtOnce() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        InetSocketAddress address = a.localAddress().inetSocketAddress();
        assertThrows(BindException.class, () -> driver.bind(UdpOptions.on(address)));
        a.close();
        assertEquals(a.localAddress(), driver.bind(UdpOptions.on(address)).localAddress());
    }

    @Test
    void aReceiverMayCloseTheSocketItIsToldAbout() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        UdpSocket c = bind("127.0.0.1");
        for (int i = 0; i < 10; i++) {
            send(a, b, pattern(10 + i, i));
            send(a, c, pattern(10 + i, i));
        }
        driver.flush();
        List<Arrival> arrivals = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (arrivals.size() < 10 && System.nanoTime() < deadline) {
            driver.poll(
                    (socket, run) -> {
                        if (socket.equals(b)) b.close();
                        else split(socket, run, arrivals);
                    },
                    PATIENCE_NANOS);
        }
        assertEquals(10, arrivals.size());
    }

    @Test
    void wakesUpFromAnotherThread() throws Exception {
        Thread other = Thread.ofVirtual().start(driver::wakeup);
        long begin = System.nanoTime();
        driver.poll((socket, run) -> {}, PATIENCE_NANOS);
        assertTrue(System.nanoTime() - begin < PATIENCE_NANOS);
        other.join();
    }

    @Test
    void pollEndsWhenTheTimeIsOver() throws IOException {
        bind("127.0.0.1");
        long begin = System.nanoTime();
        driver.poll((socket, run) -> {}, TimeUnit.MILLISECONDS.toNanos(20));
        assertTrue(System.nanoTime() - begin >= TimeUnit.MILLISECONDS.toNanos(15));
    }

    /** What arrives meanwhile waits, and the port is nobody else's. */
    @Test
    void aSocketMovesToAnotherDriverOfItsKind() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        UdpSocket b = bind("127.0.0.1");
        InetSocketAddress address = b.localAddress().inetSocketAddress();
        UdpSocket.Detached detached = b.detach();
        send(a, b, new byte[] {7, 8, 9});
        driver.flush();
        assertThrows(BindException.class, () -> driver.bind(UdpOptions.on(address)));
        UdpDriver first = driver;
        try (UdpDriver other = open()) {
            assertTrue(other.attaches(detached));
            driver = other;
            UdpSocket moved = other.attach(detached);
            assertEquals(b.localAddress(), moved.localAddress());
            Arrival arrival = receive(1).getFirst();
            assertEquals(moved, arrival.socket());
            assertArrayEquals(new byte[] {7, 8, 9}, arrival.bytes());
        } finally {
            driver = first;
        }
        driver.bind(UdpOptions.on(address)).close(); // gone with the other driver
    }

    @Test
    void aDetachedSocketKeepsItsPortUntilItIsClosed() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        InetSocketAddress address = a.localAddress().inetSocketAddress();
        UdpSocket.Detached detached = a.detach();
        assertThrows(BindException.class, () -> driver.bind(UdpOptions.on(address)));
        detached.close();
        driver.bind(UdpOptions.on(address));
    }

    @Test
    void ownersAreKept() throws IOException {
        UdpSocket a = bind("127.0.0.1");
        a.owner("somebody");
        assertEquals("somebody", a.owner());
    }
}
