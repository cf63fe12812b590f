package dev.peerline.sdk.direct;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.PathKind;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Two connections of this process, on loopback, whose words to each other cross. */
final class CrossingOffersTest {
    /** One side: what it says is kept until it is let through. */
    private static final class Side implements Connection.Events {
        private final ExecutorService loop;
        final CompletableFuture<Boolean> open = new CompletableFuture<>();
        final CompletableFuture<Boolean> offered = new CompletableFuture<>();
        final BlockingQueue<Bytes> packets = new LinkedBlockingQueue<>();
        private final List<Connection.Word> held = new ArrayList<>();
        private final DataChannelConnection connection;
        private Side other = this;

        Side(ExecutorService loop, boolean offers, boolean polite) {
            this.loop = loop;
            Set<PathKind> kinds = Set.of(PathKind.DIRECT);
            Connector.Plan plan = new Connector.Plan(offers, polite, List.of(), kinds);
            connection = new DataChannelConnection(plan, this);
        }

        void begin() {
            PeerConnectionOptions options = PeerConnectionOptions.defaults().withCallbacks(loop);
            connection.begin(
                    options, IcePortOptions.loopbackOnly(), loop, Thread::startVirtualThread);
        }

        /** On the loop. */
        void connect(Side to) {
            other = to;
            for (Connection.Word word : held) to.connection.receive(word.of(1));
        }

        @Override
        public void signal(Connection.Word word) {
            if (word instanceof Connection.Description) offered.complete(true);
            if (other == this) held.add(word);
            else other.connection.receive(word.of(1));
        }

        @Override
        public void packet(Bytes packet, boolean loose) {
            packets.add(packet);
        }

        @Override
        public void writable() {}

        @Override
        public void changed(Connection.Change change) {
            if (change == Connection.Change.OPEN) open.complete(true);
        }
    }

    private static void await(CompletableFuture<Boolean> event) throws Exception {
        event.get(60, TimeUnit.SECONDS);
    }

    private static void run(ExecutorService loop, Runnable task) throws Exception {
        loop.submit(task).get(60, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @CsvSource({"true, false", "false, true", "true, true"})
    void opensWhoeverOffers(boolean first, boolean second) throws Exception {
        try (ExecutorService loop = Executors.newSingleThreadExecutor()) {
            Side left = new Side(loop, first, true);
            Side right = new Side(loop, second, false);
            left.begin();
            right.begin();
            // Where both offer, neither has heard of the other's offer.
            if (first) await(left.offered);
            if (second) await(right.offered);
            run(
                    loop,
                    () -> {
                        left.connect(right);
                        right.connect(left);
                    });
            await(left.open);
            await(right.open);
            run(loop, () -> left.connection.send(Bytes.of((byte) 7), false));
            assertEquals(Bytes.of((byte) 7), right.packets.poll(60, TimeUnit.SECONDS));
            run(loop, () -> right.connection.send(Bytes.of((byte) 8), true));
            assertEquals(Bytes.of((byte) 8), left.packets.poll(60, TimeUnit.SECONDS));
            run(
                    loop,
                    () -> {
                        left.connection.close();
                        right.connection.close();
                    });
        }
    }

    @Test
    void bothMayLookForAnotherPathAtOnce() throws Exception {
        try (ExecutorService loop = Executors.newSingleThreadExecutor()) {
            Side left = new Side(loop, true, true);
            Side right = new Side(loop, false, false);
            run(
                    loop,
                    () -> {
                        left.connect(right);
                        right.connect(left);
                    });
            left.begin();
            right.begin();
            await(left.open);
            await(right.open);
            run(
                    loop,
                    () -> {
                        left.connection.restart();
                        right.connection.restart();
                    });
            for (int i = 0; i < 100; i++) {
                Bytes packet = Bytes.of((byte) i);
                run(loop, () -> left.connection.send(packet, false));
                assertEquals(packet, right.packets.poll(60, TimeUnit.SECONDS));
                run(loop, () -> right.connection.send(packet, false));
                assertEquals(packet, left.packets.poll(60, TimeUnit.SECONDS));
            }
            run(
                    loop,
                    () -> {
                        left.connection.close();
                        right.connection.close();
                    });
        }
    }
}
