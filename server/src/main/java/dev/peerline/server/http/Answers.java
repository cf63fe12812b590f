package dev.peerline.server.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;

/** Answers that are made for one request and kept by nobody. */
final class Answers {
    private Answers() {}

    static void json(HttpServerExchange exchange, String json) {
        send(exchange, "application/json", json);
    }

    static void text(HttpServerExchange exchange, String text) {
        send(exchange, "text/plain; charset=utf-8", text);
    }

    static void send(HttpServerExchange exchange, String type, String body) {
        exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, type);
        exchange.getResponseHeaders().put(Headers.CACHE_CONTROL, "no-store");
        exchange.getResponseSender().send(body);
    }
}
