package dev.peerline.server.http;

import dev.peerline.fallback.http.HelloHeader;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.server.http.Routes.Door;
import dev.peerline.server.ice.IceServerList;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Metrics.Refused;
import dev.peerline.server.metrics.Route;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The small answers at fixed paths: health, metrics, ICE servers. Immutable. */
final class Api {
    private static final int PEER_ID_BYTES = 16;
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final Metrics metrics;
    private final String version;
    private final BooleanSupplier draining;

    /**
     * @param draining whether this server is going down
     */
    Api(Metrics metrics, String version, BooleanSupplier draining) {
        this.metrics = metrics;
        this.version = version;
        this.draining = draining;
    }

    /** Liveness and readiness. */
    Map<String, Door> health() {
        Map<String, Door> doors = new HashMap<>();
        doors.put("/healthz", Door.reading(Route.HEALTH, at -> Answers.text(at, "ok\n")));
        doors.put("/readyz", Door.reading(Route.HEALTH, this::ready));
        return doors;
    }

    private void ready(HttpServerExchange exchange) {
        if (draining.getAsBoolean())
            new Problem(StatusCodes.SERVICE_UNAVAILABLE, "GOING_AWAY", "This server is going down.")
                    .send(exchange);
        else Answers.text(exchange, "ready\n");
    }

    Door metrics() {
        return Door.reading(
                Route.METRICS,
                at -> Answers.send(at, "text/plain; version=0.0.4", metrics.text(version)));
    }

    /** {@code GET /v1/ice-servers}: for whoever may join a room. */
    Door iceServers(IceServerList servers, Bearer bearer) {
        SecureRandom random = new SecureRandom();
        HttpHandler answer =
                exchange -> {
                    String peerId = peerId(exchange);
                    byte[] id = new byte[PEER_ID_BYTES];
                    random.nextBytes(id);
                    if (peerId == null) peerId = BASE64.encodeToString(id);
                    Answers.json(exchange, servers.json(peerId));
                };
        return Door.reading(Route.ICE_SERVERS, exchange -> admit(exchange, bearer, answer));
    }

    /** The id that the caller proves by its {@code HELLO}, or null; docs/protocol.md, section 6. */
    private static @Nullable String peerId(HttpServerExchange exchange) {
        Hello proof = HelloHeader.proof(exchange.getRequestHeaders());
        return proof == null ? null : proof.id().toString();
    }

    private void admit(HttpServerExchange exchange, Bearer bearer, HttpHandler answer)
            throws Exception {
        Problem problem =
                bearer.problem(exchange, claims -> claims.room() != null, "to use ICE servers");
        if (problem == null) {
            answer.handleRequest(exchange);
            return;
        }
        metrics.refused(Refused.valueOf(problem.code()));
        problem.send(exchange);
    }
}
