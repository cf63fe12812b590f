package dev.peerline.server.http;

import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.door.Doors;
import dev.peerline.server.http.Routes.Door;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Route;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Health and metrics of a process that serves nothing else by HTTP. Opened and closed by one
 * thread.
 */
public final class MonitoringFace implements AutoCloseable {
    private static final int MAX_CONNECTIONS = 100;

    private final Listeners listeners;
    private final int port;

    private MonitoringFace(Listeners listeners, int port) {
        this.listeners = listeners;
        this.port = port;
    }

    /**
     * Opens the port.
     *
     * @param metrics what {@code /metrics} answers
     * @param draining whether {@code /readyz} says no
     * @throws BindException when the port is not to be had; the message names it
     */
    public static MonitoringFace open(
            InetSocketAddress address, Supplier<String> metrics, BooleanSupplier draining)
            throws IOException {
        Metrics own = new Metrics();
        HttpConfig.Timeouts timeouts = HttpConfig.Timeouts.DEFAULT;
        ClientAddress clients = new ClientAddress(List.of());
        Map<String, Door> paths = new Api(own, "", draining).health();
        paths.put(
                "/metrics",
                Door.reading(
                        Route.METRICS,
                        at -> Answers.send(at, "text/plain; version=0.0.4", metrics.get())));
        MetricsDoor door = new MetricsDoor(new Doors(false, Set.of(), Set.of()), paths);
        Listeners listeners =
                new Listeners(
                        new Connections(MAX_CONNECTIONS, MAX_CONNECTIONS, true, clients, own),
                        timeouts);
        try {
            Requests requests = new Requests(own, timeouts.body(), door);
            return new MonitoringFace(listeners, listeners.listen(address, requests));
        } catch (BindException problem) {
            listeners.close();
            throw new BindException(problem.getMessage() + " (choose another with --metrics-port)");
        } catch (IOException | RuntimeException problem) {
            listeners.close();
            throw problem;
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        listeners.close();
    }
}
