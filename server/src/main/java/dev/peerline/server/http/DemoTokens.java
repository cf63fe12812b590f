package dev.peerline.server.http;

import com.google.gson.JsonObject;

import dev.peerline.server.door.Doors;
import dev.peerline.server.door.Quota;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Metrics.Refused;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Tokens;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

/**
 * {@code POST /v1/demo-token}: an hour in a room with a random name, and in the topic of that name
 * below {@code compare}, for pages that this server served itself. Thread-safe.
 */
final class DemoTokens implements HttpHandler {
    private static final Duration LIFE = Duration.ofHours(1);
    private static final int ROOM_BYTES = 12;

    /** All addresses together: as much as this many of them alone. */
    private static final int FULL_ADDRESSES = 50;

    private static final int REMEMBERED_ADDRESSES = 10_000;
    private static final String ALL = "all";

    private final Tokens tokens;
    private final Doors doors;
    private final Metrics metrics;
    private final InstantSource clock;
    private final Quota<String> perAddress;
    private final Quota<String> inAll;
    private final SecureRandom random = new SecureRandom();

    /**
     * @param perHour how many one address gets
     */
    DemoTokens(Tokens tokens, Doors doors, int perHour, Metrics metrics, InstantSource clock) {
        this.tokens = tokens;
        this.doors = doors;
        this.metrics = metrics;
        this.clock = clock;
        this.perAddress = new Quota<>(perHour, LIFE.toNanos(), REMEMBERED_ADDRESSES);
        this.inAll = new Quota<>(perHour * FULL_ADDRESSES, LIFE.toNanos(), 1);
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        Caller caller = Caller.of(exchange);
        String origin = exchange.getRequestHeaders().getFirst(Headers.ORIGIN);
        if (origin == null || !doors.isOwnOrigin(origin, caller.host(), caller.scheme())) {
            metrics.refused(Refused.FORBIDDEN_ORIGIN);
            new Problem(
                            StatusCodes.FORBIDDEN,
                            "FORBIDDEN_ORIGIN",
                            "Demo rooms are for this server's own page, under its --hostname or"
                                    + " --external-ip.")
                    .send(exchange);
            return;
        }
        long nowNanos = System.nanoTime();
        long waitNanos = perAddress.take(caller.limitsKey(), nowNanos);
        if (waitNanos == 0) waitNanos = inAll.take(ALL, nowNanos);
        if (waitNanos == 0) mint(exchange);
        else RateLimit.refuse(exchange, waitNanos, metrics);
    }

    private void mint(HttpServerExchange exchange) {
        byte[] bytes = new byte[ROOM_BYTES];
        random.nextBytes(bytes);
        String room = "demo-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Instant expires = Instant.ofEpochSecond(clock.instant().plus(LIFE).getEpochSecond());
        // For the comparison of transports: one topic, which nobody else can guess.
        List<String> topic = List.of("compare." + room);
        JsonObject answer = new JsonObject();
        answer.addProperty("room", room);
        answer.addProperty("token", tokens.mint(new Claims(room, null, topic, topic, expires)));
        answer.addProperty("expires", expires.toEpochMilli());
        metrics.demoToken();
        exchange.setStatusCode(StatusCodes.CREATED);
        Answers.json(exchange, answer.toString());
    }
}
