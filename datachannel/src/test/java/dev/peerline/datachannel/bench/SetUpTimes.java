package dev.peerline.datachannel.bench;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IcePortOptions;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long it takes from the first call to the open channel between two connections of one JVM over
 * loopback, and which part of it: {@code SetUpTimes COUNT COUNTED}, the last of which are counted.
 */
public final class SetUpTimes {
    private static final List<String> STAGES =
            List.of("described", "path", "other path", "open", "announced", "cpu");

    private SetUpTimes() {}

    public static void main(String[] arguments) throws Exception {
        int count = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 300;
        int counted = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        List<long[]> all = new ArrayList<>();
        for (int i = 0; i < count; i++) all.add(connect());
        StringBuilder line = new StringBuilder();
        for (int stage = 0; stage < STAGES.size(); stage++) {
            int of = stage;
            List<Long> sorted =
                    all.subList(count - counted, count).stream()
                            .map(it -> it[of])
                            .sorted()
                            .toList();
            line.append(
                    " %s p50 %.2f p90 %.2f;"
                            .formatted(
                                    STAGES.get(stage),
                                    sorted.get(counted / 2) / 1e6,
                                    sorted.get(counted * 9 / 10) / 1e6));
        }
        System.out.println("FIGURES ms" + line);
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static void mark(AtomicLong at) {
        at.compareAndSet(0, System.nanoTime());
    }

    private static void tell(PeerConnection peer, IceCandidateInit candidate) {
        var _ = peer.addIceCandidate(candidate);
    }

    private static long[] connect() throws Exception {
        PeerConnectionOptions options =
                PeerConnectionOptions.defaults().withCallbacks(Runnable::run);
        IcePortOptions port = IcePortOptions.loopbackOnly();
        AtomicLong path = new AtomicLong();
        AtomicLong otherPath = new AtomicLong();
        CompletableFuture<Long> open = new CompletableFuture<>();
        CompletableFuture<Long> announced = new CompletableFuture<>();
        long cpu = cpuNanos();
        long start = System.nanoTime();
        try (PeerConnection a = new PeerConnection(options, port);
                PeerConnection b = new PeerConnection(options, port)) {
            a.onIceCandidate(each -> tell(b, each)).onSelectedCandidatePairChange(_ -> mark(path));
            b.onIceCandidate(each -> tell(a, each))
                    .onSelectedCandidatePairChange(_ -> mark(otherPath));
            b.onDataChannel(_ -> announced.complete(System.nanoTime()));
            DataChannel channel = a.createDataChannel("x");
            channel.onOpen(() -> open.complete(System.nanoTime()));
            SessionDescription offer = a.createOffer().get();
            a.setLocalDescription(offer).get();
            b.setRemoteDescription(offer).get();
            SessionDescription answer = b.createAnswer().get();
            b.setLocalDescription(answer).get();
            a.setRemoteDescription(answer).get();
            long described = System.nanoTime();
            long opened = open.get();
            long told = announced.get();
            long after = cpuNanos();
            return new long[] {
                described - start,
                path.get() - start,
                otherPath.get() - start,
                opened - start,
                told - start,
                after - cpu
            };
        }
    }
}
