package dev.peerline.server.http;

import dev.peerline.fallback.http.HelloHeader;
import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.PacketAnswer;
import dev.peerline.fallback.http.PacketBody;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.server.pushpeer.PushPeer;
import dev.peerline.signaling.rooms.Admission;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.HttpContinueReadHandler;
import io.undertow.util.Headers;
import io.undertow.util.Methods;
import io.undertow.util.SameThreadExecutor;

import org.jspecify.annotations.Nullable;
import org.xnio.IoUtils;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CompletionException;

/**
 * Offers of a data channel to the server, at the address of all carriers: {@code POST /v1/link}
 * with an SDP. docs/protocol.md, section 6. Everything else is left to the carriers of HTTP.
 * Thread-safe.
 */
final class OfferDoor implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(OfferDoor.class.getName());
    private static final String SDP = "application/sdp";

    /** A browser's, of a data channel alone and with many candidates, is a fourth of it. */
    private static final int MAX_OFFER_BYTES = 16 << 10;

    private final PushPeer peer;
    private final Admission admission;
    private final LinkHandler link;
    private final HttpContinueReadHandler reading = new HttpContinueReadHandler(this::read);

    /**
     * @param admission asked as for a session, which the channel is for
     */
    OfferDoor(PushPeer peer, Admission admission, LinkHandler link) {
        this.peer = peer;
        this.admission = admission;
        this.link = link;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        if (!exchange.getRequestMethod().equals(Methods.POST) || !isSdp(exchange)) {
            link.handleRequest(exchange);
            return;
        }
        Refusal refusal = link.attempt(LinkHandler.visitor(exchange));
        if (refusal == null && exchange.getRequestContentLength() > MAX_OFFER_BYTES)
            refusal = tooLarge();
        if (refusal == null) reading.handleRequest(exchange);
        else refuse(exchange, refusal);
    }

    private static boolean isSdp(HttpServerExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst(Headers.CONTENT_TYPE);
        return type != null && type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT).equals(SDP);
    }

    private static Refusal tooLarge() {
        return Refusal.of(
                ErrorCode.MESSAGE_TOO_LARGE, "An offer has at most " + MAX_OFFER_BYTES + " bytes.");
    }

    private void read(HttpServerExchange exchange) {
        Hello hello = HelloHeader.proof(exchange.getRequestHeaders());
        if (hello == null) {
            refuse(
                    exchange,
                    Refusal.of(
                            ErrorCode.BAD_HELLO, "Peerline-Hello must be a packet in base64url."));
            return;
        }
        Visitor visitor = LinkHandler.visitor(exchange);
        Admission.Request request =
                new Admission.Request(hello.room(), hello.id().text(), hello.name(), hello.token());
        switch (admission.admit(visitor, request)) {
            case Admission.Refusal(ErrorCode code, String message, _) ->
                    refuse(exchange, Refusal.of(code, message));
            case Admission.Grant grant ->
                    new PacketBody(
                                    exchange.getRequestChannel(),
                                    MAX_OFFER_BYTES,
                                    new Offer(exchange, visitor, hello, grant.limitsKey()))
                            .read();
        }
    }

    /** The body of one POST. On the exchange's I/O thread. */
    private final class Offer implements PacketBody.Receiver {
        private final HttpServerExchange exchange;
        private final Visitor visitor;
        private final Hello hello;
        private final @Nullable String limitsKey;

        Offer(
                HttpServerExchange exchange,
                Visitor visitor,
                Hello hello,
                @Nullable String limitsKey) {
            this.exchange = exchange;
            this.visitor = visitor;
            this.hello = hello;
            this.limitsKey = limitsKey;
        }

        @Override
        public void whole(Bytes body) {
            String sdp = new String(body.toArray(), StandardCharsets.UTF_8);
            exchange.dispatch(SameThreadExecutor.INSTANCE, () -> answer(sdp));
        }

        private void answer(String sdp) {
            var _ =
                    peer.answer(sdp, visitor, hello.id(), limitsKey)
                            .exceptionally(OfferDoor::refused)
                            .thenAccept(
                                    outcome -> exchange.getIoThread().execute(() -> tell(outcome)));
        }

        private void tell(PushPeer.Outcome outcome) {
            switch (outcome) {
                case PushPeer.Answered(String sdp) -> {
                    exchange.getResponseHeaders().put(Headers.CONTENT_TYPE, SDP);
                    exchange.getResponseHeaders()
                            .put(Headers.CACHE_CONTROL, "no-store, no-transform");
                    exchange.getResponseSender().send(sdp);
                }
                case PushPeer.Refused(Refusal why) -> refuse(exchange, why);
            }
        }

        @Override
        public void tooLarge() {
            refuse(exchange, OfferDoor.tooLarge());
        }

        @Override
        public void failed() {
            IoUtils.safeClose(exchange.getConnection());
            exchange.endExchange();
        }
    }

    /** What was no offer is the client's fault; everything else is ours. */
    private static PushPeer.Outcome refused(Throwable thrown) {
        Throwable problem = thrown instanceof CompletionException ? thrown.getCause() : thrown;
        if (problem instanceof IllegalArgumentException
                || problem instanceof IllegalStateException) {
            return new PushPeer.Refused(PushPeer.NO_OFFER);
        }
        LOG.log(System.Logger.Level.ERROR, "event=offer-failed", problem);
        return new PushPeer.Refused(
                Refusal.of(ErrorCode.INTERNAL, "The server failed at this offer."));
    }

    private void refuse(HttpServerExchange exchange, Refusal refusal) {
        link.refused(refusal);
        PacketAnswer.refuse(exchange, refusal);
    }
}
