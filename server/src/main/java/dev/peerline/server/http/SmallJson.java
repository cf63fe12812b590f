package dev.peerline.server.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import java.io.IOException;
import java.io.StringReader;
import java.util.function.BiConsumer;

/** Reads small JSON objects that requests have as their body, without waiting. */
final class SmallJson {
    /** Nothing that is asked for in such a body is long. */
    private static final int MAX_BYTES = 4 * 1024;

    private SmallJson() {}

    /** Reads the body and hands it over, or refuses it. */
    static void receive(
            HttpServerExchange exchange, BiConsumer<HttpServerExchange, JsonObject> then) {
        if (exchange.getRequestContentLength() > MAX_BYTES) {
            tooLarge(exchange);
            return;
        }
        exchange.getRequestReceiver().setMaxBufferSize(MAX_BYTES);
        exchange.getRequestReceiver()
                .receiveFullString((at, text) -> parse(at, text, then), (at, _) -> tooLarge(at));
    }

    private static void parse(
            HttpServerExchange exchange,
            String text,
            BiConsumer<HttpServerExchange, JsonObject> then) {
        try (JsonReader reader = new JsonReader(new StringReader(text))) {
            reader.setStrictness(Strictness.STRICT);
            JsonElement json = JsonParser.parseReader(reader);
            if (json.isJsonObject()) {
                then.accept(exchange, json.getAsJsonObject());
                return;
            }
        } catch (IOException | JsonParseException _) {
            // refused below
        }
        bad(exchange, "The body must be a JSON object.");
    }

    static void bad(HttpServerExchange exchange, String detail) {
        new Problem(StatusCodes.BAD_REQUEST, "BAD_REQUEST", detail).send(exchange);
    }

    private static void tooLarge(HttpServerExchange exchange) {
        new Problem(
                        StatusCodes.REQUEST_ENTITY_TOO_LARGE,
                        "MESSAGE_TOO_LARGE",
                        "The body has at most " + MAX_BYTES + " bytes.")
                .send(exchange);
    }
}
