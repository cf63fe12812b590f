package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.net.udp.UdpOptions;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** In which order a loop does what it is given. */
final class IceLoopTest {
    private static final long PATIENCE_SECONDS = 60;

    /** Who gives way gives way to what has come, and to what is sent because of it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWaitsForTheSocketsRunsAfterThem(boolean nativeCalls) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        List<String> order = new ArrayList<>(); // the loop's
        CompletableFuture<List<String>> done = new CompletableFuture<>();
        try (IceLoop loop = IceLoop.open("loop-test", nativeCalls);
                DatagramSocket peer = new DatagramSocket(0, loopback)) {
            var socket =
                    loop.bind(
                            UdpOptions.on(new InetSocketAddress(loopback, 0)),
                            (to, run) -> {
                                order.add("packet");
                                loop.execute(() -> order.add("task of the packet"));
                            });
            InetSocketAddress to = socket.localAddress().inetSocketAddress();
            loop.execute(
                    () -> {
                        send(peer, to); // loopback: it has come when this returns
                        loop.executeAfterRead(
                                () -> {
                                    order.add("after the sockets");
                                    done.complete(order);
                                });
                        loop.execute(() -> order.add("task"));
                    });
            assertEquals(
                    List.of("task", "packet", "task of the packet", "after the sockets"),
                    done.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
    }

    private static void send(DatagramSocket from, InetSocketAddress to) {
        try {
            from.send(new DatagramPacket(new byte[] {1}, 1, to));
        } catch (java.io.IOException e) {
            throw new AssertionError(e);
        }
    }
}
