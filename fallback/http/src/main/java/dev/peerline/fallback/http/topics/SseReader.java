package dev.peerline.fallback.http.topics;

import dev.peerline.fallback.http.ClientWatch;
import dev.peerline.fallback.http.Exchanges;
import dev.peerline.fallback.link.topic.TopicReader;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.protocol.http.HttpServerConnection;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;

import org.jspecify.annotations.Nullable;
import org.xnio.channels.StreamSinkChannel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** One stream of server-sent events: an event a message, a comment when there is nothing to say. */
final class SseReader extends StreamingReader {
    private static final HttpString ACCEL_BUFFERING = HttpString.tryFromString("X-Accel-Buffering");

    /** What buffers until it has this much passes on all that follows. */
    private static final int PRELUDE_BYTES = 2 * 1024;

    private static final byte[] PRELUDE =
            ("retry: 1000\n:" + " ".repeat(PRELUDE_BYTES) + "\n\n")
                    .getBytes(StandardCharsets.US_ASCII);

    private static final byte[] HEARTBEAT = {':', '\n', '\n'};

    private final HttpServerExchange exchange;
    private boolean begun;
    private boolean last;

    SseReader(Hub hub, Subscription asked, HttpServerExchange exchange, TopicReader place) {
        super(hub, asked, response(exchange), place);
        this.exchange = exchange;
    }

    private static StreamSinkChannel response(HttpServerExchange exchange) {
        exchange.getResponseHeaders()
                .put(Headers.CONTENT_TYPE, "text/event-stream")
                .put(Headers.CACHE_CONTROL, "no-store, no-transform")
                .put(ACCEL_BUFFERING, "no");
        return exchange.getResponseChannel();
    }

    /** Begins to write, once the handler has returned. */
    void open() {
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    closed();
                    following.proceed();
                });
        ClientWatch.begin(exchange, this::abort);
        send(ByteBuffer.wrap(PRELUDE));
        begin();
    }

    @Override
    CarrierKind kind() {
        return CarrierKind.SSE;
    }

    @Override
    void write(Delivery delivery) {
        send(delivery.events());
    }

    @Override
    void left() {
        if (!begun) forgetHeaders();
        begun = true;
        if (last) exchange.endExchange();
        else written();
    }

    /** The head has left: what only waits from here on keeps a fifth of its memory less. */
    private void forgetHeaders() {
        // A stream of HTTP/2 may still have them to write.
        if (!(exchange.getConnection() instanceof HttpServerConnection)) return;
        exchange.getRequestHeaders().clear();
        exchange.getResponseHeaders().clear();
    }

    @Override
    void end(@Nullable TopicRefusal why) {
        last = true;
        // What is under way is followed by nothing: an event must not begin within another.
        if (isBusy()) return;
        if (why == null) exchange.endExchange();
        else send(ByteBuffer.wrap(problem(why)));
    }

    private static byte[] problem(TopicRefusal why) {
        return ("event: problem\ndata: " + why.json() + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    void cut() {
        Exchanges.cut(exchange);
    }

    @Override
    void check(long nowMillis) {
        if (ClientWatch.isGone(exchange)) {
            abort();
        } else if (!isBusy() && !isOver()) {
            long heartbeat = hub().handler().limits().heartbeat().toMillis();
            if (nowMillis - writtenMillis() >= heartbeat) send(ByteBuffer.wrap(HEARTBEAT));
        }
    }
}
