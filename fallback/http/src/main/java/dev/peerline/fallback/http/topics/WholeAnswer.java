package dev.peerline.fallback.http.topics;

import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;

import org.xnio.IoUtils;
import org.xnio.conduits.ConduitStreamSinkChannel;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A {@link SharedAnswer} on its way to one client: written past Undertow, which then goes on as
 * after an answer of its own. On the exchange's I/O thread, once the handler has returned.
 */
final class WholeAnswer {
    private final HttpServerExchange exchange;
    private final ConduitStreamSinkChannel sink;
    private ByteBuffer rest;
    private boolean listening;

    WholeAnswer(HttpServerExchange exchange, ByteBuffer bytes) {
        this.exchange = exchange;
        sink = Connectors.getConduitSinkChannel(exchange);
        rest = bytes;
    }

    /** Writes what the socket takes; the rest follows when there is room. */
    void write() {
        try {
            boolean more = true;
            while (more && rest.hasRemaining()) more = sink.write(rest) > 0;
            if (rest.hasRemaining() || !sink.flush()) {
                listen();
                return;
            }
        } catch (IOException _) {
            IoUtils.safeClose(exchange.getConnection());
            exchange.endExchange();
            return;
        }
        if (listening) {
            sink.suspendWrites();
            sink.setWriteListener(null);
        }
        Connectors.terminateResponse(exchange);
    }

    private void listen() {
        if (listening) return;
        listening = true;
        rest = Scratch.keep(rest);
        sink.setWriteListener(_ -> write());
        sink.resumeWrites();
    }
}
