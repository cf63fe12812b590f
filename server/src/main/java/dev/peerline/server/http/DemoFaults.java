package dev.peerline.server.http;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.fallback.http.HelloHeader;
import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Hello;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * {@code POST /v1/demo-faults}: takes the network away from one's own carriers, for a while. Only
 * with {@code --demo-faults}. Thread-safe.
 */
final class DemoFaults implements HttpHandler {
    private static final int MAX_SECONDS = 60;
    private static final Map<String, CarrierKind> KINDS =
            Map.of(
                    "data-channel", CarrierKind.DATA_CHANNEL,
                    "websocket", CarrierKind.WEBSOCKET,
                    "sse", CarrierKind.SSE,
                    "long-poll", CarrierKind.LONG_POLL,
                    "poll", CarrierKind.POLL);

    private final LinkHandler link;

    DemoFaults(LinkHandler link) {
        this.link = link;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        SmallJson.receive(exchange, this::fault);
    }

    private void fault(HttpServerExchange exchange, JsonObject asked) {
        Hello proof = HelloHeader.proof(exchange.getRequestHeaders());
        Set<CarrierKind> kinds = kinds(asked.get("block"));
        int seconds = seconds(asked.get("seconds"));
        if (proof == null) {
            new Problem(
                            StatusCodes.BAD_REQUEST,
                            "BAD_HELLO",
                            "Peerline-Hello must prove whose carriers are meant.")
                    .send(exchange);
        } else if (kinds == null) {
            SmallJson.bad(exchange, "block must be a list of websocket, sse, long-poll, poll.");
        } else if (!kinds.isEmpty() && seconds == 0) {
            SmallJson.bad(exchange, "seconds must be 1 to " + MAX_SECONDS + ".");
        } else {
            link.darken(proof.id(), kinds, Duration.ofSeconds(seconds));
            exchange.setStatusCode(StatusCodes.NO_CONTENT);
            exchange.endExchange();
        }
    }

    private static @Nullable Set<CarrierKind> kinds(@Nullable JsonElement block) {
        if (!(block instanceof JsonArray names)) return null;
        Set<CarrierKind> kinds = EnumSet.noneOf(CarrierKind.class);
        for (JsonElement name : names) {
            CarrierKind kind = name.isJsonPrimitive() ? KINDS.get(name.getAsString()) : null;
            if (kind == null) return null;
            kinds.add(kind);
        }
        return kinds;
    }

    /** 0 for none that will do. */
    private static int seconds(@Nullable JsonElement seconds) {
        if (seconds == null || !seconds.isJsonPrimitive()) return 0;
        if (!seconds.getAsJsonPrimitive().isNumber()) return 0;
        double value = seconds.getAsDouble();
        boolean fits = value >= 1 && value <= MAX_SECONDS && value == Math.rint(value);
        return fits ? (int) value : 0;
    }
}
