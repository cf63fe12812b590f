package dev.peerline.datachannel.dtls;

import dev.peerline.datachannel.sdp.Fingerprint;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Two transports and a path between them that loses and reorders by a seed, in real time. */
final class DtlsPair {
    /** Patience with a slow machine, not a time that is measured. */
    static final DtlsTimeouts TIMEOUTS =
            new DtlsTimeouts(Duration.ofSeconds(100), Duration.ofMillis(50));

    /** Nothing is sent again, however slow the machine is. */
    static final DtlsTimeouts PATIENT =
            new DtlsTimeouts(Duration.ofSeconds(100), Duration.ofSeconds(90));

    final End client;
    final End server;
    private final ScheduledExecutorService loop;
    private final SplittableRandom random;
    private final DtlsTimeouts timeouts;
    private double loss;
    private boolean reorders;

    /** Given each datagram and its direction; what it returns travels instead. */
    interface Tamper {
        List<byte[]> apply(byte[] datagram, boolean fromClient);
    }

    private Tamper tamper = (datagram, fromClient) -> List.of(datagram);

    DtlsPair(long seed, ScheduledExecutorService loop) {
        this(seed, loop, TIMEOUTS);
    }

    DtlsPair(long seed, ScheduledExecutorService loop, DtlsTimeouts timeouts) {
        this.loop = loop;
        this.timeouts = timeouts;
        random = new SplittableRandom(seed);
        client = new End(true);
        server = new End(false);
    }

    DtlsPair losing(double probability, boolean reordering) {
        loss = probability;
        reorders = reordering;
        return this;
    }

    DtlsPair tampering(Tamper other) {
        tamper = other;
        return this;
    }

    final class End implements DtlsTransport.Listener {
        final DtlsCertificate certificate = DtlsCertificate.generate();
        final DtlsTransport transport;
        final List<byte[]> sent = new ArrayList<>();
        final List<String> received = new ArrayList<>();
        final CompletableFuture<Void> connected = new CompletableFuture<>();
        final CompletableFuture<Void> closed = new CompletableFuture<>();
        final CompletableFuture<String> failed = new CompletableFuture<>();
        private final List<CompletableFuture<Void>> waiting = new ArrayList<>();
        private final boolean client;

        End(boolean client) {
            this.client = client;
            transport = new DtlsTransport(certificate, timeouts, loop, this);
        }

        void start(Fingerprint peer) {
            transport.start(client ? DtlsRole.CLIENT : DtlsRole.SERVER, List.of(peer));
        }

        @Override
        public void transmit(byte[] datagram, int offset, int length) {
            byte[] copy = Arrays.copyOfRange(datagram, offset, offset + length);
            sent.add(copy);
            for (byte[] one : tamper.apply(copy, client)) travel(one);
        }

        private void travel(byte[] datagram) {
            if (random.nextDouble() < loss) return;
            long micros = reorders ? random.nextLong(4000) : 0;
            DtlsTransport to = peer().transport;
            var _ =
                    loop.schedule(
                            () -> to.receive(datagram, 0, datagram.length),
                            micros,
                            TimeUnit.MICROSECONDS);
        }

        private End peer() {
            return client ? DtlsPair.this.server : DtlsPair.this.client;
        }

        @Override
        public void connected() {
            connected.complete(null);
        }

        @Override
        public void received(byte[] packet, int offset, int length) {
            received.add(new String(packet, offset, length, StandardCharsets.UTF_8));
            waiting.forEach(one -> one.complete(null));
        }

        @Override
        public void closed() {
            closed.complete(null);
        }

        @Override
        public void failed(String reason) {
            connected.completeExceptionally(new AssertionError(reason));
            failed.complete(reason);
        }

        boolean send(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            byte[] datagram = new byte[bytes.length + DtlsTransport.OVERHEAD_BYTES];
            System.arraycopy(bytes, 0, datagram, DtlsTransport.HEAD_BYTES, bytes.length);
            return transport.send(datagram, 0, bytes.length);
        }

        /** When it has got something. */
        CompletableFuture<Void> somethingReceived() {
            CompletableFuture<Void> some = new CompletableFuture<>();
            loop.execute(
                    () -> {
                        waiting.add(some);
                        if (!received.isEmpty()) some.complete(null);
                    });
            return some;
        }
    }

    /** Both begin; done when both are connected. */
    CompletableFuture<Void> connect() {
        return connect(client.certificate.fingerprint(), server.certificate.fingerprint());
    }

    CompletableFuture<Void> connect(Fingerprint ofClient, Fingerprint ofServer) {
        loop.execute(
                () -> {
                    server.start(ofClient);
                    client.start(ofServer);
                });
        return CompletableFuture.allOf(client.connected, server.connected);
    }

    /** Runs in the owner's context. */
    <T> T inLoop(java.util.concurrent.Callable<T> task) throws Exception {
        return loop.submit(task).get(60, TimeUnit.SECONDS);
    }
}
