package dev.peerline.fallback.http;

import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.Connectors;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;

import org.xnio.conduits.ConduitStreamSourceChannel;

import java.io.IOException;

/**
 * Finds out that a client is gone whose answer waits. A parked answer reads nothing, so that nobody
 * would tell. On the exchange's I/O thread.
 */
public final class ClientWatch {
    private final HttpServerConnection connection;
    private final ConduitStreamSourceChannel source;
    private final Runnable gone;

    private ClientWatch(
            HttpServerConnection connection, ConduitStreamSourceChannel source, Runnable gone) {
        this.connection = connection;
        this.source = source;
        this.gone = gone;
    }

    /** A client that closes is heard of at once where HTTP has a connection for each request. */
    public static void begin(HttpServerExchange exchange, Runnable gone) {
        if (!(exchange.getConnection() instanceof HttpServerConnection connection)) return;
        // It has asked for more already: that waits until this is answered.
        if (connection.getExtraBytes() != null) return;
        ConduitStreamSourceChannel source = connection.getChannel().getSourceChannel();
        ClientWatch watch = new ClientWatch(connection, source, gone);
        source.setReadListener(_ -> watch.readable());
        source.resumeReads();
    }

    /** Whether the client has reset its stream (HTTP/2), of which nobody tells either. */
    public static boolean isGone(HttpServerExchange exchange) {
        return !Connectors.getConduitSinkChannel(exchange).isOpen();
    }

    private void readable() {
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        boolean kept = false;
        try {
            int count = source.read(pooled.getBuffer());
            if (count < 0) gone.run();
            kept = count > 0;
            if (!kept) return;
            source.suspendReads();
            pooled.getBuffer().flip();
            connection.ungetRequestBytes(pooled);
        } catch (IOException _) {
            gone.run();
        } finally {
            if (!kept) pooled.close();
        }
    }
}
