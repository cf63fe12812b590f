package dev.peerline.fallback.http;

import dev.peerline.fallback.http.LinkMetrics.Counter;
import dev.peerline.fallback.http.Sessions.Posted;
import dev.peerline.fallback.http.Sessions.Refused;
import dev.peerline.fallback.http.Sessions.Welcomed;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.Headers;
import io.undertow.util.Protocols;
import io.undertow.util.SameThreadExecutor;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;
import org.xnio.XnioExecutor;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The way up over plain HTTP: a packet a {@code POST}. docs/protocol.md, section 6. Thread-safe.
 */
final class PostDoor {
    private static final System.Logger LOGGER = System.getLogger(PostDoor.class.getName());

    /** How long the answer to a body that was too slow may take to leave. */
    private static final long LAST_WORD_MILLIS = 1_000;

    private final LinkHandler link;
    private final HttpContinueReadHandler reading = new HttpContinueReadHandler(this::read);

    PostDoor(LinkHandler link) {
        this.link = link;
    }

    void handle(HttpServerExchange exchange) throws Exception {
        Refusal bad = judgeHead(exchange);
        if (bad == null) reading.handleRequest(exchange);
        else link.refuse(exchange, bad);
    }

    private @Nullable Refusal judgeHead(HttpServerExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        String media = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (media.equals("application/sdp")) {
            return Refusal.of(
                    ErrorCode.BAD_FRAME,
                    "This server takes no offers of a data channel: it runs without --push-peer.");
        }
        if (!media.equals(PacketAnswer.TYPE)) {
            return Refusal.of(ErrorCode.BAD_FRAME, "Content-Type must be " + PacketAnswer.TYPE);
        }
        if (exchange.getRequestHeaders().contains(Headers.CONTENT_ENCODING)) {
            return Refusal.of(ErrorCode.BAD_FRAME, "Packets are not encoded any further.");
        }
        if (exchange.getRequestContentLength() > link.limits().maxPacketBytes()) return tooLarge();
        return switch (link.sessions().knock(LinkHandler.visitor(exchange))) {
            case Refused(Ending ending) -> (Refusal) ending.last();
            case Welcomed(String key) -> link.keys().spent(key, link.nowMillis());
            case Sessions.Greeted _ -> throw new AssertionError("greeted before HELLO");
        };
    }

    private Refusal tooLarge() {
        return Refusal.of(
                ErrorCode.MESSAGE_TOO_LARGE,
                "A packet has at most " + link.limits().maxPacketBytes() + " bytes.");
    }

    private void read(HttpServerExchange exchange) {
        Reading reading = new Reading(exchange);
        reading.begin();
    }

    /** The body of one POST, which has only so much time. On the exchange's I/O thread. */
    private final class Reading implements PacketBody.Receiver {
        private final HttpServerExchange exchange;
        private final PacketBody body;
        private final XnioExecutor.Key deadline;

        Reading(HttpServerExchange exchange) {
            this.exchange = exchange;
            int maxBytes = link.limits().maxPacketBytes();
            body = new PacketBody(exchange.getRequestChannel(), maxBytes, this);
            long millis = link.limits().writeTimeout().toMillis();
            deadline =
                    exchange.getIoThread().executeAfter(this::late, millis, TimeUnit.MILLISECONDS);
        }

        void begin() {
            body.read();
        }

        /** Sent a byte at a time, a body would hold its connection for ever. */
        private void late() {
            if (exchange.isResponseStarted()) return;
            exchange.setPersistent(false);
            link.refuse(
                    exchange,
                    Refusal.of(ErrorCode.SILENT, "The body of the POST came too slowly."));
            exchange.getIoThread()
                    .executeAfter(this::close, LAST_WORD_MILLIS, TimeUnit.MILLISECONDS);
        }

        private void close() {
            // Others may share the connection.
            if (exchange.getProtocol().equals(Protocols.HTTP_2_0)) body.abandon();
            else IoUtils.safeClose(exchange.getConnection());
        }

        @Override
        public void whole(Bytes packet) {
            deadline.remove();
            if (!exchange.isResponseStarted()) take(exchange, packet);
        }

        @Override
        public void tooLarge() {
            deadline.remove();
            if (!exchange.isResponseStarted()) link.refuse(exchange, PostDoor.this.tooLarge());
        }

        @Override
        public void failed() {
            deadline.remove();
            Exchanges.cut(exchange);
        }
    }

    /** A fault of ours ends this request and no other. */
    private void take(HttpServerExchange exchange, Bytes packet) {
        link.metrics().count(Counter.POSTS, 1);
        link.metrics().count(Counter.PACKETS_UP, 1);
        link.metrics().count(Counter.BYTES_UP, packet.length());
        try {
            switch (UpFrame.readAll(packet)) {
                case Parsed.Bad<List<UpFrame>>(ErrorCode code, String problem) ->
                        link.refuse(exchange, Refusal.of(code, problem));
                case Parsed.Good<List<UpFrame>>(List<UpFrame> frames) ->
                        take(exchange, frames, packet.length());
            }
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=post-failed", fault);
            link.refuse(
                    exchange, Refusal.of(ErrorCode.INTERNAL, "The server failed at this packet."));
        }
    }

    private void take(HttpServerExchange exchange, List<UpFrame> frames, int bytes) {
        if (frames.isEmpty() || !(frames.getFirst() instanceof Hello hello)) {
            link.refuse(
                    exchange, Refusal.of(ErrorCode.BAD_HELLO, "The first frame must be HELLO."));
            return;
        }
        long now = link.nowMillis();
        long waitMillis = link.meters().waitMillis(hello.id(), now);
        if (waitMillis > 0) {
            link.refuse(exchange, Uplink.flooded(waitMillis));
            return;
        }
        if (link.swallows(hello, exchange)) return;
        Visitor visitor = LinkHandler.visitor(exchange);
        Posted posted = link.sessions().post(visitor, hello, frames.subList(1, frames.size()), now);
        count(posted, hello, visitor, new Size(frames.size(), bytes));
        if (posted.commit().isKept()) answer(exchange, posted);
        else exchange.dispatch(SameThreadExecutor.INSTANCE, () -> answerOnceKept(exchange, posted));
    }

    private void answerOnceKept(HttpServerExchange exchange, Posted posted) {
        posted.commit()
                .whenKept(() -> exchange.getIoThread().execute(() -> answer(exchange, posted)));
    }

    private record Size(int frames, int bytes) {}

    /** A POST for no session is an attempt like any other; those who are exempt stay so. */
    private void count(Posted posted, Hello hello, Visitor visitor, Size size) {
        long now = link.nowMillis();
        if (posted.taken() == Posted.NOTHING) {
            if (link.sessions().knock(visitor) instanceof Welcomed(String key)) {
                link.keys().charge(key, now);
            }
        } else if (posted.limitsKey() != null) {
            link.meters().posted(hello.id(), size.frames, size.bytes, now);
        }
    }

    private void answer(HttpServerExchange exchange, Posted posted) {
        WireWriter packet = new WireWriter();
        if (posted.taken() != Posted.NOTHING) packet.frame(new DownFrame.UpAck(posted.taken()));
        Ending why = posted.ending();
        if (why != null && why.last() instanceof Refusal refusal) {
            link.metrics().refused(refusal.knownCode());
            packet.frame(refusal);
            PacketAnswer.send(exchange, refusal, packet.take());
        } else {
            PacketAnswer.send(exchange, StatusCodes.OK, packet.take());
        }
    }
}
