package dev.peerline.server.http;

import com.google.gson.JsonObject;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

/**
 * What a refused request is answered with (RFC 9457).
 *
 * @param status the HTTP status
 * @param code stable, for programs
 * @param detail one sentence for people
 */
record Problem(int status, String code, String detail) {
    static final String TYPE = "application/problem+json";

    static Problem notFound() {
        return new Problem(StatusCodes.NOT_FOUND, "NOT_FOUND", "There is nothing here.");
    }

    /** Answers; the exchange ends with it. */
    void send(HttpServerExchange exchange) {
        exchange.setStatusCode(status);
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, TYPE);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(json());
    }

    String json() {
        JsonObject object = new JsonObject();
        object.addProperty("type", "about:blank");
        object.addProperty("title", StatusCodes.getReason(status));
        object.addProperty("status", status);
        object.addProperty("detail", detail);
        object.addProperty("code", code);
        return object.toString();
    }
}
