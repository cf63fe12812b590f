package dev.peerline.server.http;

import dev.peerline.turn.RelayServer;
import dev.peerline.turn.StreamInlet;
import dev.peerline.turn.StreamOutlet;

import io.undertow.connector.PooledByteBuffer;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A TLS connection of the HTTP listener that turned out to be a TURN client's. Bytes cross between
 * the I/O thread of the connection and the relay's thread; the channels are touched on the former
 * alone.
 */
final class RelayedStream implements StreamOutlet {
    /** For the last bytes to one who hardly reads. */
    private static final int FINISH_SECONDS = 10;

    private static final int READ_BYTES = 16 * 1024;

    private final StreamConnection connection;
    private final ByteBuffer readBuffer = ByteBuffer.allocate(READ_BYTES);
    private final ArrayDeque<ByteBuffer> queue = new ArrayDeque<>();
    private final AtomicInteger queuedBytes = new AtomicInteger();
    private @Nullable StreamInlet inlet;
    private boolean closing;

    private RelayedStream(StreamConnection connection) {
        this.connection = connection;
    }

    /** Hands it over. Called on the connection's I/O thread. */
    static void open(RelayServer relay, StreamConnection connection, PooledByteBuffer begin) {
        RelayedStream stream = new RelayedStream(connection);
        StreamInlet inlet =
                relay.adopt(
                        connection.getPeerAddress(InetSocketAddress.class),
                        connection.getLocalAddress(InetSocketAddress.class),
                        stream);
        stream.inlet = inlet;
        try (begin) {
            if (begin.getBuffer().hasRemaining()) inlet.received(begin.getBuffer());
        }
        connection.setCloseListener(_ -> inlet.ended());
        ConduitStreamSourceChannel source = connection.getSourceChannel();
        source.setReadListener(_ -> stream.read());
        connection.getSinkChannel().setWriteListener(_ -> stream.flush());
        source.resumeReads();
        source.wakeupReads(); // TLS may hold what came with the first bytes
    }

    private void read() {
        StreamInlet to = inlet;
        if (to == null) return;
        try {
            while (true) {
                readBuffer.clear();
                int count = connection.getSourceChannel().read(readBuffer);
                if (count == 0) return;
                if (count < 0 || !to.received(readBuffer.flip())) {
                    end();
                    return;
                }
            }
        } catch (IOException _) {
            end();
        }
    }

    private void end() {
        IoUtils.safeClose(connection);
        StreamInlet to = inlet;
        if (to != null) to.ended();
    }

    @Override
    public void write(ByteBuffer bytes) {
        ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        queuedBytes.addAndGet(copy.remaining());
        execute(
                () -> {
                    queue.add(copy);
                    flush();
                });
    }

    private void flush() {
        ConduitStreamSinkChannel sink = connection.getSinkChannel();
        try {
            while (!queue.isEmpty()) {
                ByteBuffer next = queue.element();
                int count = sink.write(next);
                queuedBytes.addAndGet(-count);
                if (next.hasRemaining()) {
                    sink.resumeWrites();
                    return;
                }
                queue.remove();
            }
            if (!sink.flush()) {
                sink.resumeWrites();
                return;
            }
            sink.suspendWrites();
            if (closing) {
                IoUtils.safeClose(connection);
                return;
            }
            StreamInlet to = inlet;
            if (to != null) to.drained();
        } catch (IOException _) {
            end();
        }
    }

    @Override
    public int queuedBytes() {
        return queuedBytes.get();
    }

    @Override
    public void reading(boolean on) {
        execute(
                () -> {
                    if (on) connection.getSourceChannel().wakeupReads();
                    else connection.getSourceChannel().suspendReads();
                });
    }

    @Override
    public void close() {
        execute(
                () -> {
                    closing = true;
                    connection
                            .getIoThread()
                            .executeAfter(
                                    () -> IoUtils.safeClose(connection),
                                    FINISH_SECONDS,
                                    TimeUnit.SECONDS);
                    flush();
                });
    }

    private void execute(Runnable task) {
        try {
            connection.getIoThread().execute(task);
        } catch (RejectedExecutionException _) {
            IoUtils.safeClose(connection); // the server goes down
        }
    }
}
