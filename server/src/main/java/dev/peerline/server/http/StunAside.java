package dev.peerline.server.http;

import io.undertow.connector.ByteBufferPool;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.ConnectorStatistics;
import io.undertow.server.DelegateOpenListener;
import io.undertow.server.HttpHandler;

import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.OptionMap;
import org.xnio.StreamConnection;
import org.xnio.channels.StreamSourceChannel;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.BiConsumer;

/**
 * Tells TURN from HTTP on one TLS port: by the protocol that the client asked for (RFC 7443), and
 * where it asked for none by the first byte. A STUN request begins with two zero bits, HTTP with a
 * letter. Immutable.
 */
final class StunAside implements DelegateOpenListener {
    /** RFC 7443. */
    static final String PROTOCOL = "stun.turn";

    /** No letter is below. */
    private static final int FIRST_LETTER = 0x40;

    private final DelegateOpenListener http;
    private final BiConsumer<StreamConnection, PooledByteBuffer> stun;
    private final boolean alwaysStun;
    private final ByteBufferPool buffers;

    /**
     * In front of HTTP.
     *
     * @param stun takes a connection over, and what has been read of it
     * @param alwaysStun whether the client has said which it is
     */
    StunAside(
            DelegateOpenListener http,
            BiConsumer<StreamConnection, PooledByteBuffer> stun,
            boolean alwaysStun,
            ByteBufferPool buffers) {
        this.http = http;
        this.stun = stun;
        this.alwaysStun = alwaysStun;
        this.buffers = buffers;
    }

    @Override
    public void handleEvent(StreamConnection connection, @Nullable PooledByteBuffer read) {
        PooledByteBuffer begin = read == null ? empty() : read;
        if (alwaysStun) stun.accept(connection, begin);
        else if (begin.getBuffer().hasRemaining()) tell(connection, begin);
        else await(connection, begin);
    }

    private PooledByteBuffer empty() {
        PooledByteBuffer buffer = buffers.allocate();
        buffer.getBuffer().flip();
        return buffer;
    }

    private void tell(StreamConnection connection, PooledByteBuffer begin) {
        int first = begin.getBuffer().get(begin.getBuffer().position()) & 0xff;
        if (first < FIRST_LETTER && first != '\r' && first != '\n') stun.accept(connection, begin);
        else http.handleEvent(connection, begin);
    }

    /** The handshake is done, and nothing was said yet. */
    private void await(StreamConnection connection, PooledByteBuffer begin) {
        StreamSourceChannel source = connection.getSourceChannel();
        ChannelListener<StreamSourceChannel> listener =
                channel -> {
                    ByteBuffer buffer = begin.getBuffer();
                    buffer.clear();
                    int count;
                    try {
                        count = channel.read(buffer);
                    } catch (IOException _) {
                        count = -1;
                    }
                    buffer.flip();
                    if (count < 0) {
                        begin.close();
                        IoUtils.safeClose(connection);
                    } else if (count > 0) {
                        channel.suspendReads();
                        channel.getReadSetter().set(null);
                        tell(connection, begin);
                    }
                };
        source.getReadSetter().set(listener);
        source.resumeReads();
    }

    @Override
    public void handleEvent(StreamConnection connection) {
        handleEvent(connection, null);
    }

    @Override
    public HttpHandler getRootHandler() {
        return http.getRootHandler();
    }

    @Override
    public void setRootHandler(HttpHandler handler) {
        http.setRootHandler(handler);
    }

    @Override
    public OptionMap getUndertowOptions() {
        return http.getUndertowOptions();
    }

    @Override
    public void setUndertowOptions(OptionMap options) {
        http.setUndertowOptions(options);
    }

    @Override
    public ByteBufferPool getBufferPool() {
        return buffers;
    }

    @Override
    public @Nullable ConnectorStatistics getConnectorStatistics() {
        return http.getConnectorStatistics();
    }

    @Override
    public void closeConnections() {
        http.closeConnections();
    }
}
