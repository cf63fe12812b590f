package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.StreamConnection;
import org.xnio.conduits.ConduitStreamSinkChannel;
import org.xnio.conduits.ConduitStreamSourceChannel;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * One WebSocket that is only written to. It has its connection for itself, with framing of our own:
 * a message is one write of bytes that all readers share.
 */
final class WebSocketReader extends StreamingReader implements ClientFrames.Receiver {
    /** From the close frame until a client that does not close is closed by force. */
    private static final long CLOSE_MILLIS = 3_000;

    /** Clients that show no sign of life for so many heartbeats are gone. */
    private static final int SILENT_HEARTBEATS = 3;

    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int UNAUTHORIZED = 4401;
    private static final int INTERNAL = 1011;

    private final StreamConnection connection;
    private final ConduitStreamSinkChannel sink;
    private final ConduitStreamSourceChannel source;
    private final ClientFrames frames = new ClientFrames(this);

    /** Control frames that wait until it has left: the last of each kind. */
    private @Nullable ByteBuffer pong;

    private @Nullable ByteBuffer close;
    private boolean closeSent;
    private boolean closedByClient;
    private long heardMillis;
    private long pingedMillis;

    /** Since when it is closing; 0 for not. */
    private long closingMillis;

    WebSocketReader(Hub hub, Subscription asked, StreamConnection connection, TopicReader place) {
        super(hub, asked, connection.getSinkChannel(), place);
        this.connection = connection;
        sink = connection.getSinkChannel();
        source = connection.getSourceChannel();
        heardMillis = openedMillis();
        pingedMillis = openedMillis();
    }

    void open() {
        source.setReadListener(_ -> readOn());
        begin();
        source.resumeReads();
        // What came with the request may be here already.
        source.wakeupReads();
    }

    @Override
    CarrierKind kind() {
        return CarrierKind.WEBSOCKET;
    }

    @Override
    void write(Delivery delivery) {
        send(delivery.frames());
    }

    /** What was on its way has left: control frames come first. */
    @Override
    void left() {
        ByteBuffer control = takeControl();
        if (control != null) send(control);
        else if (closeSent) finish();
        else written();
    }

    private @Nullable ByteBuffer takeControl() {
        ByteBuffer control = pong;
        pong = null;
        if (control != null) return control;
        control = close;
        close = null;
        closeSent |= control != null;
        return control;
    }

    /** The close frame has left: nothing may follow it. */
    private void finish() {
        try {
            sink.shutdownWrites();
            sink.flush();
        } catch (IOException _) {
            abort();
            return;
        }
        if (closedByClient) abort();
    }

    private void readOn() {
        ByteBuffer bytes = hub().reading().clear();
        try {
            for (int count = source.read(bytes); count != 0; count = source.read(bytes)) {
                if (count < 0) {
                    abort();
                    return;
                }
                heardMillis = hub().nowMillis();
                frames.take(bytes.flip());
                bytes.clear();
            }
        } catch (IOException _) {
            abort();
        }
    }

    @Override
    public void ping(byte[] payload) {
        if (closingMillis > 0) return;
        pong = WebSocketFrames.control(WebSocketFrames.PONG, payload);
        if (!isBusy()) left();
    }

    @Override
    public void closed(int code) {
        closedByClient = true;
        if (closingMillis == 0) close(code, "");
        else if (closeSent && !isBusy()) abort();
    }

    @Override
    public void violated(int code, String reason) {
        if (closingMillis == 0) close(code, reason);
    }

    private void close(int code, String reason) {
        over();
        closingMillis = hub().nowMillis();
        close = WebSocketFrames.close(code, reason);
        if (!isBusy()) left();
    }

    @Override
    void end(@Nullable TopicRefusal why) {
        if (closingMillis > 0) return;
        if (why == null) close(NORMAL, "");
        else close(code(why.error()), why.error().name());
    }

    private static int code(TopicError error) {
        return switch (error) {
            case GOING_AWAY -> GOING_AWAY;
            case UNAUTHORIZED, TOKEN_EXPIRED -> UNAUTHORIZED;
            default -> INTERNAL;
        };
    }

    @Override
    void cut() {
        IoUtils.safeClose(connection);
    }

    @Override
    void check(long nowMillis) {
        long heartbeat = hub().handler().limits().heartbeat().toMillis();
        boolean lingers = closingMillis > 0 && nowMillis - closingMillis > CLOSE_MILLIS;
        boolean silent = nowMillis - heardMillis > SILENT_HEARTBEATS * heartbeat;
        if (lingers || silent) {
            abort();
        } else if (closingMillis == 0
                && !isBusy()
                && nowMillis - Math.max(heardMillis, pingedMillis) >= heartbeat) {
            pingedMillis = nowMillis;
            send(WebSocketFrames.control(WebSocketFrames.PING));
        }
    }
}
