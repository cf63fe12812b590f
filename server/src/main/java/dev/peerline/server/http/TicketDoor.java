package dev.peerline.server.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.fallback.http.HelloHeader;
import dev.peerline.fallback.http.TicketReader;
import dev.peerline.fallback.http.topics.TopicHandler;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.server.ticket.Tickets;
import dev.peerline.server.token.Tokens;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

import java.nio.charset.StandardCharsets;

/**
 * {@code POST /v1/tickets}: seals what a client would say in a header, for those that can send
 * none. What is in it is judged where it is used: docs/protocol.md, sections 6 and 7. Thread-safe.
 */
final class TicketDoor implements HttpHandler {
    private static final String LINK = "/v1/link";

    private final Tickets tickets;

    TicketDoor(Tickets tickets) {
        this.tickets = tickets;
    }

    /** Opens those for {@code /v1/link}. */
    static TicketReader reader(Tickets tickets) {
        return text -> {
            byte[] content = tickets.open(LINK, text);
            return content == null ? null : Bytes.of(content);
        };
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) {
        SmallJson.receive(exchange, this::seal);
    }

    private void seal(HttpServerExchange exchange, JsonObject asked) {
        JsonElement resource = asked.get("resource");
        String path = resource == null || !resource.isJsonPrimitive() ? "" : resource.getAsString();
        String topic = path.replace("%3E", ">").replace("%3e", ">");
        if (path.equals(LINK)) sealHello(exchange);
        else if (isTopic(topic)) sealToken(exchange, topic);
        else SmallJson.bad(exchange, "resource must be %s or a topic's path.".formatted(LINK));
    }

    private static boolean isTopic(String path) {
        return path.startsWith(TopicHandler.PREFIX)
                && TopicPattern.parse(path.substring(TopicHandler.PREFIX.length())) != null;
    }

    /** The token that it comes with; none where none is needed. */
    private void sealToken(HttpServerExchange exchange, String path) {
        String token = Bearer.token(exchange);
        byte[] content = token == null ? new byte[0] : token.getBytes(StandardCharsets.UTF_8);
        if (content.length > Tokens.MAX_LENGTH) {
            SmallJson.bad(exchange, "The token is too long.");
            return;
        }
        answer(exchange, tickets.seal(path, content));
    }

    private void sealHello(HttpServerExchange exchange) {
        Bytes packet = HelloHeader.packet(exchange.getRequestHeaders());
        if (packet == null || HelloHeader.proof(exchange.getRequestHeaders()) == null) {
            new Problem(
                            StatusCodes.BAD_REQUEST,
                            "BAD_HELLO",
                            "Peerline-Hello must be a packet in base64url that begins with HELLO.")
                    .send(exchange);
            return;
        }
        answer(exchange, tickets.seal(LINK, packet.toArray()));
    }

    private static void answer(HttpServerExchange exchange, Tickets.Ticket ticket) {
        JsonObject answer = new JsonObject();
        answer.addProperty("ticket", ticket.text());
        answer.addProperty("expires", ticket.expiresAtMillis());
        exchange.setStatusCode(StatusCodes.CREATED);
        Answers.json(exchange, answer.toString());
    }
}
