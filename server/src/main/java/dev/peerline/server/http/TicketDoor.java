package dev.peerline.server.http;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.fallback.http.HelloHeader;
import dev.peerline.fallback.http.TicketReader;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.server.ticket.Tickets;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.StatusCodes;

/**
 * {@code POST /v1/tickets}: seals what a client would say in a header, for those that can send
 * none. What is in it is judged where it is used: docs/protocol.md, section 6. Thread-safe.
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
        boolean known =
                resource != null
                        && resource.isJsonPrimitive()
                        && resource.getAsString().equals(LINK);
        if (!known) {
            SmallJson.bad(exchange, "resource must be " + LINK + ".");
            return;
        }
        Bytes packet = HelloHeader.packet(exchange.getRequestHeaders());
        if (packet == null || HelloHeader.proof(exchange.getRequestHeaders()) == null) {
            new Problem(
                            StatusCodes.BAD_REQUEST,
                            "BAD_HELLO",
                            "Peerline-Hello must be a packet in base64url that begins with HELLO.")
                    .send(exchange);
            return;
        }
        Tickets.Ticket ticket = tickets.seal(LINK, packet.toArray());
        JsonObject answer = new JsonObject();
        answer.addProperty("ticket", ticket.text());
        answer.addProperty("expires", ticket.expiresAtMillis());
        exchange.setStatusCode(StatusCodes.CREATED);
        Answers.json(exchange, answer.toString());
    }
}
