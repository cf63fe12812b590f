package dev.peerline.server.http;

import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.door.Doors;
import dev.peerline.server.http.Routes.Door;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/**
 * The port for monitoring alone. No web page has anything to ask here; a host that is an address
 * cannot come from DNS rebinding. Immutable.
 */
final class MetricsDoor implements HttpHandler {
    private final Doors doors;
    private final Map<String, Door> paths;

    MetricsDoor(Doors doors, Map<String, Door> paths) {
        this.doors = doors;
        this.paths = Map.copyOf(paths);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        exchange.getResponseHeaders().put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff");
        String header = exchange.getRequestHeaders().getFirst(Headers.HOST);
        if (!isOwn(header == null ? null : HostAndPort.parse(header))) {
            refuse(exchange, "FORBIDDEN_HOST", "This port does not answer for that host.");
            return;
        }
        if (exchange.getRequestHeaders().contains(Headers.ORIGIN)) {
            refuse(exchange, "FORBIDDEN_ORIGIN", "This port does not answer web pages.");
            return;
        }
        Door door = paths.get(exchange.getRequestPath());
        if (door == null || !door.methods().contains(exchange.getRequestMethod()))
            Problem.notFound().send(exchange);
        else door.handler().handleRequest(exchange);
    }

    private boolean isOwn(@Nullable HostAndPort host) {
        return host != null && (host.address() != null || doors.isOwnHost(host));
    }

    private static void refuse(HttpServerExchange exchange, String code, String detail) {
        new Problem(StatusCodes.FORBIDDEN, code, detail).send(exchange);
    }
}
