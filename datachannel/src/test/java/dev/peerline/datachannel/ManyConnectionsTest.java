package dev.peerline.datachannel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;

import dev.peerline.datachannel.ice.IcePortOptions;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Whole connections, with DTLS and a channel, in numbers; what is printed is to be written down.
 */
@Tag("slow")
final class ManyConnectionsTest {
    @Test
    void twoHundredInARowLeaveNothingBehind() throws Exception {
        List<Long> micros = new ArrayList<>();
        Use warm = new Use(0, 0, 0);
        for (int i = 0; i < 220; i++) {
            if (i == 20) warm = Use.now(); // pools and classes are there by now
            long start = System.nanoTime();
            try (TestPeers peers = new TestPeers()) {
                TestPeers.Ends ends = peers.open("x");
                if (i >= 20) micros.add((System.nanoTime() - start) / 1_000);
                TestPeers.get(ends.a().send("hello"));
                assertEquals("hello", ends.inB().next().text());
            }
        }
        Use before = warm;
        TestPeers.until(() -> Use.threadCount() <= before.threads + 2);
        TestPeers.until(() -> Use.openCount() <= before.sockets + 2);
        Use after = Use.now();
        micros.sort(null);
        System.out.printf(
                "FIGURES 200 connections in a row: open after p50 %d us, p90 %d us, most %d us;"
                        + " %+d threads, %+d sockets and files, %+d KiB of heap%n",
                micros.get(100),
                micros.get(180),
                micros.getLast(),
                after.threads - before.threads,
                after.sockets - before.sockets,
                (after.heap - before.heap) >> 10);
        assertTrue(after.heap - before.heap < 4 << 20, after + " from " + before);
    }

    @Test
    void aThousandIdleOnOnePort() throws Exception {
        int count = 1_000;
        Use before = Use.now();
        List<PeerConnection> all = new ArrayList<>();
        try (PeerConnectionFactory here =
                        PeerConnectionFactory.open(IcePortOptions.loopbackOnly());
                PeerConnectionFactory there =
                        PeerConnectionFactory.open(IcePortOptions.loopbackOnly())) {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) all.addAll(open(here, there));
            double seconds = (System.nanoTime() - start) / 1e9;
            Use idle = Use.now();
            long cpu = cpuNanos();
            long from = System.nanoTime();
            // Idle is a matter of real time; nothing is waited for that could come earlier.
            TimeUnit.SECONDS.sleep(20);
            double load = (cpuNanos() - cpu) / 1e9 / ((System.nanoTime() - from) / 1e9);
            for (PeerConnection each : all)
                assertEquals(PeerConnectionState.CONNECTED, each.connectionState());
            long heap = (idle.heap - before.heap) / (2L * count);
            System.out.printf(
                    "FIGURES %d connections between two ports, one after another: %.1f s, %d"
                            + " threads, %d sockets and files, %d B of heap each end, CPU idle"
                            + " %.1f %% of a core for both ends of all%n",
                    count,
                    seconds,
                    idle.threads - before.threads,
                    idle.sockets - before.sockets,
                    heap,
                    100 * load);
            assertTrue(idle.threads - before.threads < 64, idle + " from " + before);
            assertTrue(idle.sockets - before.sockets < 32, idle + " from " + before);
            assertTrue(heap < 64 << 10, heap + " B of heap each end");
            all.forEach(PeerConnection::close);
            TestPeers.until(() -> here.connectionCount() + there.connectionCount() == 0);
        }
    }

    private static List<PeerConnection> open(
            PeerConnectionFactory here, PeerConnectionFactory there) throws Exception {
        PeerConnection a = here.create(PeerConnectionOptions.defaults());
        PeerConnection b = there.create(PeerConnectionOptions.defaults());
        a.onIceCandidate(candidate -> take(b, candidate));
        b.onIceCandidate(candidate -> take(a, candidate));
        CompletableFuture<Void> open = new CompletableFuture<>();
        a.createDataChannel("x").onOpen(() -> open.complete(null));
        TestPeers.exchange(a, b);
        TestPeers.get(open);
        return List.of(a, b);
    }

    private static void take(PeerConnection peer, IceCandidateInit candidate) {
        var _ = peer.addIceCandidate(candidate);
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    /** What the process has now; heap in bytes, after a collection. */
    private record Use(long threads, long sockets, long heap) {
        static Use now() {
            for (int i = 0; i < 3; i++) System.gc();
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            return new Use(threadCount(), openCount(), heap);
        }

        static long threadCount() {
            return ManagementFactory.getThreadMXBean().getThreadCount();
        }

        /** Open sockets and files; 0 where it cannot be told. */
        static long openCount() {
            return ManagementFactory.getOperatingSystemMXBean()
                            instanceof UnixOperatingSystemMXBean unix
                    ? unix.getOpenFileDescriptorCount()
                    : 0;
        }
    }
}
