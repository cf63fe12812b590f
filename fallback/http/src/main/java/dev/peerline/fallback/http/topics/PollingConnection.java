package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.topics.TopicAccess.Granted;

import io.undertow.UndertowOptions;
import io.undertow.connector.PooledByteBuffer;
import io.undertow.server.ServerConnection;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.AttachmentKey;
import io.undertow.util.HeaderMap;

import org.jspecify.annotations.Nullable;
import org.xnio.ChannelListener;
import org.xnio.IoUtils;
import org.xnio.conduits.ConduitStreamSourceChannel;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A connection of HTTP/1.1 whose client polls again and again, in the same words but for the
 * cursor. Its requests are read here first: one that repeats another ({@link RepeatedPoll}) is
 * answered without being parsed, routed and judged anew. Whatever is not such a request goes to
 * Undertow as it came. On the connection's I/O thread.
 *
 * <p>Undertow takes the connection for idle meanwhile, and would close it in the end. So it is
 * given a request now and then; that is also when tokens are verified again.
 */
final class PollingConnection implements PollClient {
    private static final AttachmentKey<PollingConnection> KEY =
            AttachmentKey.create(PollingConnection.class);

    /** Longer ones are not remembered, for there may be one for each connection. */
    private static final int MAX_REQUEST_BYTES = 2 * 1024;

    /** The share of the idle time that a client which reads slowly has at least for its answer. */
    private static final int MARGIN_SHARE = 6;

    private final Hub hub;
    private final HttpServerConnection connection;
    private final ConduitStreamSourceChannel source;

    /** Undertow's listener for requests, while ours is in its place. */
    private @Nullable ChannelListener<? super ConduitStreamSourceChannel> undertow;

    /** What Undertow is given to read in this moment. */
    private byte @Nullable [] given;

    private @Nullable RepeatedPoll known;
    private long idleAtMillis;

    /** Whether a request is not answered yet. */
    private boolean busy;

    private @Nullable Runnable gone;
    private @Nullable Runnable closed;

    private PollingConnection(Hub hub, HttpServerConnection connection) {
        this.hub = hub;
        this.connection = connection;
        source = connection.getChannel().getSourceChannel();
    }

    /** The request that is being handled, in the call of its handler; null where it is unknown. */
    static byte @Nullable [] request(ServerConnection connection) {
        PollingConnection polling = connection.getAttachment(KEY);
        return polling == null ? null : polling.given;
    }

    /**
     * Reads the next request, after Undertow has been through with a poll.
     *
     * @param request as it was written, where that is known
     * @param asked what it asked for
     * @param headers of its answer
     */
    static void goOn(
            Hub hub,
            HttpServerConnection connection,
            byte @Nullable [] request,
            Subscription asked,
            HeaderMap headers) {
        if (!asked.isRepeatable() || !connection.isOpen() || connection.getExtraBytes() != null)
            return;
        PollingConnection polling = connection.getAttachment(KEY);
        if (polling == null) {
            polling = new PollingConnection(hub, connection);
            connection.putAttachment(KEY, polling);
        }
        polling.known = request == null ? null : RepeatedPoll.of(request, asked, headers);
        int idle = connection.getUndertowOptions().get(UndertowOptions.NO_REQUEST_TIMEOUT, -1);
        polling.idleAtMillis =
                idle < 0
                        ? Long.MAX_VALUE
                        : hub.nowMillis() + idle - idle / MARGIN_SHARE - asked.waitMillis();
        polling.listen();
    }

    private void listen() {
        undertow = source.getReadListener();
        source.setReadListener(_ -> readable());
    }

    private void readable() {
        ByteBuffer in = hub.reading().clear();
        int count;
        try {
            count = source.read(in);
        } catch (IOException _) {
            count = -1;
        }
        if (count > 0) {
            if (busy) keep(in.flip());
            else take(in.flip());
        } else if (count < 0) {
            Runnable waiting = gone;
            cut();
            if (waiting != null) waiting.run();
        }
    }

    private void take(ByteBuffer in) {
        TopicHandler handler = hub.handler();
        Subscription asked = known == null ? null : known.asked(in);
        boolean ours =
                asked != null
                        && hub.nowMillis() < idleAtMillis
                        && !handler.isDraining()
                        && handler.access().again(asked.granted()) instanceof Granted;
        if (asked == null || !ours) {
            handOver(in);
            return;
        }
        busy = true;
        handler.poll(this, asked, hub);
    }

    /** Undertow reads what has come, and all that follows until it has answered a poll. */
    private void handOver(ByteBuffer in) {
        byte[] bytes = new byte[Math.min(in.remaining(), MAX_REQUEST_BYTES + 1)];
        in.get(in.position(), bytes);
        unread(in);
        boolean whole = bytes.length <= MAX_REQUEST_BYTES && RepeatedPoll.isWhole(bytes);
        given = whole ? bytes : null;
        handBack();
        given = null;
    }

    private void handBack() {
        ChannelListener<? super ConduitStreamSourceChannel> listener = undertow;
        if (listener == null) throw new AssertionError("Undertow reads already");
        undertow = null;
        source.setReadListener(listener);
        listener.handleEvent(source);
    }

    /** What comes before the answer is read after it. */
    private void keep(ByteBuffer in) {
        source.suspendReads();
        unread(in);
    }

    private void unread(ByteBuffer in) {
        PooledByteBuffer pooled = connection.getByteBufferPool().allocate();
        pooled.getBuffer().clear().put(in).flip();
        connection.ungetRequestBytes(pooled);
    }

    @Override
    public void proceed(Runnable task) {
        task.run();
    }

    /** Undertow refuses it, in more words. */
    @Override
    public void refuse(TopicRefusal refusal) {
        busy = false;
        handOver(hub.reading());
    }

    @Override
    public void answer(Delivery delivery) {
        RepeatedPoll answered = known;
        if (answered == null) throw new AssertionError("what is not known is not answered here");
        hub.handler().metrics().repeated();
        ByteBuffer bytes = delivery.answer(answered.answerHeaders(), hub);
        new WholeAnswer(connection, bytes, this::answered, this::failed).write();
    }

    private void answered() {
        over();
        if (connection.getExtraBytes() != null) hub.later(this::handBack);
    }

    private void failed() {
        cut();
        over();
    }

    private void over() {
        busy = false;
        gone = null;
        Runnable told = closed;
        closed = null;
        if (told != null) told.run();
    }

    @Override
    public void await(Runnable ifGone, Runnable whenClosed) {
        gone = ifGone;
        closed = whenClosed;
    }

    @Override
    public boolean isGone() {
        return !connection.isOpen();
    }

    @Override
    public void cut() {
        IoUtils.safeClose(connection);
    }
}
