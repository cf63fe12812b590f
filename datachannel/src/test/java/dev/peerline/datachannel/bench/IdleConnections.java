package dev.peerline.datachannel.bench;

import com.sun.management.OperatingSystemMXBean;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionFactory;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IcePortOptions;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What connections cost that do nothing: many to one UDP port, each from a port of its own, in one
 * JVM, with an open channel. Arguments: how many, and for how many seconds they are watched.
 */
final class IdleConnections {
    private static final long PATIENCE_SECONDS = 60;

    private IdleConnections() {}

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
        PeerConnectionOptions options = PeerConnectionOptions.defaults();
        List<PeerConnection> all = new ArrayList<>();
        try (PeerConnectionFactory server =
                PeerConnectionFactory.open(IcePortOptions.loopbackOnly())) {
            connect(server, options, all);
            long heap = heapBytes();
            int threads = threads();
            long began = System.nanoTime();
            for (int i = 1; i < count; i++) connect(server, options, all);
            double perConnection = (System.nanoTime() - began) / 1e6 / (count - 1);
            long each = (heapBytes() - heap) / (2L * (count - 1));
            long cpu = cpuNanos();
            TimeUnit.SECONDS.sleep(seconds);
            double busy = (cpuNanos() - cpu) / 1e7 / seconds;
            System.out.printf(
                    "%d connections: %.1f ms each to open, one after the other; threads %d before,"
                        + " %d after; heap %d bytes an end; idle CPU %.2f %% of a core for all%n",
                    count, perConnection, threads, threads(), each, busy);
            all.forEach(PeerConnection::close);
        }
    }

    private static void connect(
            PeerConnectionFactory server, PeerConnectionOptions options, List<PeerConnection> all)
            throws Exception {
        PeerConnection near = new PeerConnection(options, IcePortOptions.loopbackOnly());
        PeerConnection far = server.create(options);
        near.onIceCandidate(candidate -> take(far, candidate));
        far.onIceCandidate(candidate -> take(near, candidate));
        CompletableFuture<Void> open = new CompletableFuture<>();
        DataChannel channel = near.createDataChannel("idle", DataChannelOptions.defaults());
        channel.onOpen(() -> open.complete(null));
        SessionDescription offer = near.createOffer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        var _ = near.setLocalDescription(offer);
        far.setRemoteDescription(offer).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        SessionDescription answer = far.createAnswer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        var _ = far.setLocalDescription(answer);
        near.setRemoteDescription(answer).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        open.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        all.add(near);
        all.add(far);
    }

    private static void take(PeerConnection peer, IceCandidateInit candidate) {
        // What fails shows as a channel that does not open.
        var _ = peer.addIceCandidate(candidate);
    }

    private static int threads() {
        return ManagementFactory.getThreadMXBean().getThreadCount();
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static long heapBytes() {
        for (int i = 0; i < 3; i++) System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
