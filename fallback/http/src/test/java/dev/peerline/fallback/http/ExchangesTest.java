package dev.peerline.fallback.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.undertow.Undertow;
import io.undertow.UndertowOptions;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.ServerConnection;
import io.undertow.util.SameThreadExecutor;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

final class ExchangesTest {
    private static final int CLIENTS = 20;
    private static final int PATIENCE_SECONDS = 30;

    /** Longer than the test waits. */
    private static final int IDLE_MILLIS = 600_000;

    private final ReferenceQueue<ServerConnection> forgotten = new ReferenceQueue<>();
    private final Set<WeakReference<ServerConnection>> connections = new HashSet<>();
    private final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();

    private void handle(HttpServerExchange exchange) {
        connections.add(new WeakReference<>(exchange.getConnection(), forgotten));
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    ended.add(true);
                    following.proceed();
                });
        exchange.dispatch(
                SameThreadExecutor.INSTANCE,
                () -> exchange.getIoThread().execute(() -> Exchanges.cut(exchange)));
    }

    @Test
    void whatWasCutIsNotKeptUntilItCouldHaveAskedForMore() throws Exception {
        Undertow server =
                Undertow.builder()
                        .addHttpListener(0, "127.0.0.1")
                        .setIoThreads(1)
                        .setServerOption(UndertowOptions.NO_REQUEST_TIMEOUT, IDLE_MILLIS)
                        .setHandler(this::handle)
                        .build();
        server.start();
        try {
            var address = (InetSocketAddress) server.getListenerInfo().getFirst().getAddress();
            List<Socket> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) clients.add(ask(address));
            for (Socket client : clients) {
                assertEquals(-1, client.getInputStream().read());
                client.close();
                assertTrue(ended.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            // The thread may hold on to the last one.
            for (int left = CLIENTS; left > 1; left--) {
                System.gc();
                assertTrue(forgotten.remove(PATIENCE_SECONDS * 1000L) != null, left + " are kept");
            }
        } finally {
            server.stop();
        }
    }

    private static Socket ask(InetSocketAddress address) throws IOException {
        Socket client = new Socket(address.getAddress(), address.getPort());
        client.setSoTimeout(PATIENCE_SECONDS * 1000);
        client.getOutputStream()
                .write("GET / HTTP/1.1\r\nHost: test\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return client;
    }
}
