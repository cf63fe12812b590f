package dev.peerline.fallback.http.topics;

import io.undertow.server.protocol.http.HttpServerConnection;

import org.xnio.conduits.ConduitStreamSinkChannel;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A {@link SharedAnswer} on its way to one client: written past Undertow. On the connection's I/O
 * thread, once the handler of the request has returned.
 */
final class WholeAnswer {
    private final ConduitStreamSinkChannel sink;
    private final Runnable written;
    private final Runnable failed;
    private ByteBuffer rest;
    private boolean listening;

    /**
     * @param written to be run when all of it has left
     * @param failed to be run when it cannot leave
     */
    WholeAnswer(
            HttpServerConnection connection, ByteBuffer bytes, Runnable written, Runnable failed) {
        sink = connection.getChannel().getSinkChannel();
        rest = bytes;
        this.written = written;
        this.failed = failed;
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
            failed.run();
            return;
        }
        if (listening) {
            sink.suspendWrites();
            sink.setWriteListener(null);
        }
        written.run();
    }

    private void listen() {
        if (listening) return;
        listening = true;
        rest = Scratch.keep(rest);
        sink.setWriteListener(_ -> write());
        sink.resumeWrites();
    }
}
