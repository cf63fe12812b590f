package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Many sessions on one port, each with a peer that has a port of its own. */
final class SharedPortTest {
    private static final IcePortOptions IPV4 = IcePortOptions.loopbackOnly();

    private record Pair(IcePort port, TestPeer here, TestPeer there) implements AutoCloseable {
        @Override
        public void close() {
            here.close();
            there.close();
            port.close();
        }
    }

    private static List<Pair> connect(IcePort shared, int count, IceOptions options)
            throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            IcePort port = IcePort.open(IPV4, shared.loop());
            Pair pair = new Pair(port, new TestPeer(shared, options), new TestPeer(port, options));
            pairs.add(pair);
            TestPeer.connect(pair.there, pair.here);
        }
        for (Pair pair : pairs) {
            pair.here.awaitConnected();
            pair.there.awaitConnected();
        }
        return pairs;
    }

    @Test
    void carriesTwoHundredSessionsWithoutAThreadEach() throws Exception {
        int count = 200;
        int before = Thread.activeCount();
        try (IcePort shared = IcePort.open(IPV4)) {
            List<Pair> pairs = connect(shared, count, IceOptions.defaults());
            int threads = Thread.activeCount() - before;
            assertEquals(count, shared.sessionCount());
            assertTrue(threads < count / 2, threads + " threads");
            for (int i = 0; i < count; i++) {
                Pair pair = pairs.get(i);
                // neither side ever failed, which a pair whose answer was too quick for ice4j would
                assertFalse(pair.here.states.contains(IceState.FAILED), pair.here.toString());
                assertFalse(pair.there.states.contains(IceState.FAILED), pair.there.toString());
                assertTrue(pair.there.send("to " + i));
                assertEquals("to " + i, pair.here.receive());
                assertTrue(pair.here.send("from " + i));
                assertEquals("from " + i, pair.there.receive());
            }
            pairs.forEach(Pair::close);
        }
    }

    @Test
    void takesAPortOfTheRange() throws Exception {
        IcePort any = IcePort.open(IPV4);
        int free = any.localAddresses().getFirst().getPort();
        any.close();
        try (IcePort port = IcePort.open(IPV4.withPort(free))) {
            for (InetSocketAddress address : port.localAddresses()) {
                assertEquals(free, address.getPort());
            }
            assertThrows(BindException.class, () -> IcePort.open(IPV4.withPort(free)));
        }
    }

    /** One after the other: nothing is left of those that are closed. */
    @Test
    @Tag("slow")
    void connectsTwoHundredTimesInARow() throws Exception {
        List<Long> micros = new ArrayList<>();
        try (IcePort shared = IcePort.open(IPV4)) {
            int before = 0;
            for (int i = 0; i < 200; i++) {
                try (IcePort port = IcePort.open(IPV4, shared.loop());
                        TestPeer here = new TestPeer(shared, IceOptions.defaults());
                        TestPeer there = new TestPeer(port, IceOptions.defaults())) {
                    long start = System.nanoTime();
                    TestPeer.connect(there, here);
                    here.awaitConnected();
                    there.awaitConnected();
                    micros.add((System.nanoTime() - start) / 1000);
                    here.session.close();
                    here.awaitState(IceState.CLOSED);
                }
                if (i == 20) before = Thread.activeCount(); // ice4j's pools have grown by then
            }
            assertEquals(0, shared.sessionCount());
            int more = Thread.activeCount() - before;
            assertTrue(more < 30, more + " threads more");
        }
        micros.sort(null);
        System.out.printf(
                "FIGURES 200 connections in a row: p50 %d us, p90 %d us, most %d us%n",
                micros.get(100), micros.get(180), micros.getLast());
    }

    /** What idle sessions cost; {@code figures} is what is to be written down. */
    @Test
    @Tag("slow")
    void holdsAThousandIdleSessions() throws Exception {
        int count = 1000;
        int before = Thread.activeCount();
        IcePortOptions one =
                IPV4.withLoopback(true).withAddresses(address -> address instanceof Inet4Address);
        try (IcePort shared = IcePort.open(one)) {
            long heapBefore = heap();
            long start = System.nanoTime();
            List<Pair> pairs = connect(shared, count, IceOptions.defaults());
            long millis = (System.nanoTime() - start) / 1_000_000;
            int threadsConnecting = Thread.activeCount() - before;
            long bytes = (heap() - heapBefore) / (2L * count);
            long cpu = cpuNanos();
            long observed = Duration.ofSeconds(20).toNanos();
            long idleFrom = System.nanoTime();
            CountDownLatch observedEnough = new CountDownLatch(1);
            shared.loop().schedule(observed, observedEnough::countDown);
            assertTrue(observedEnough.await(TestPeer.PATIENCE_SECONDS, TimeUnit.SECONDS));
            double cpuPerSecond = (cpuNanos() - cpu) / 1e6 / ((System.nanoTime() - idleFrom) / 1e9);
            int threads = Thread.activeCount() - before;
            for (Pair pair : pairs) assertFalse(pair.here.states.contains(IceState.FAILED));
            for (Pair pair : pairs) assertFalse(pair.there.states.contains(IceState.FAILED));
            System.out.printf(
                    "FIGURES %d sessions on one port and %d on ports of their own: connected in %d"
                            + " ms, threads %d while connecting and %d idle, heap %d B a session,"
                            + " CPU idle %.1f ms a second for all%n",
                    count, count, millis, threadsConnecting, threads, bytes, cpuPerSecond);
            assertTrue(threads < 200, threads + " threads");
            assertTrue(bytes < 64 << 10, bytes + " B of heap a session");
            pairs.forEach(Pair::close);
        }
    }

    private static long heap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        for (int i = 0; i < 3; i++) System.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
