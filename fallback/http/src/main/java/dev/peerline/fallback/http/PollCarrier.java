package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

/** One poll, long or not: its answer is one packet, or none when the time is over. */
final class PollCarrier extends HttpCarrier {
    private static final HttpString POLL_AFTER = HttpString.tryFromString("Peerline-Poll-After");

    private final long waitMillis;
    private volatile boolean answered;

    /** Its mailbox was looked into: from then on its time may be over. */
    private volatile boolean looked;

    /**
     * @param waitMillis 0 to be answered at once
     */
    PollCarrier(LinkHandler link, Visitor visitor, HttpServerExchange exchange, long waitMillis) {
        super(link, visitor, exchange);
        this.waitMillis = waitMillis;
    }

    @Override
    public CarrierKind kind() {
        return waitMillis == 0 ? CarrierKind.POLL : CarrierKind.LONG_POLL;
    }

    @Override
    void start() {
        if (waitMillis == 0) {
            exchange().getResponseHeaders().put(POLL_AFTER, link().meters().pollAfterMillis());
        }
    }

    @Override
    void started() {
        looked = true;
        if (waitMillis == 0 && !answered) end(Ending.DONE);
    }

    @Override
    void sendOn(Bytes packet) {
        answered = true;
        lastPacket();
        PacketAnswer.send(exchange(), StatusCodes.OK, packet);
    }

    @Override
    void hangUpOn() {
        answered = true;
        exchange().setStatusCode(StatusCodes.NO_CONTENT);
        exchange().getResponseHeaders().put(Headers.CACHE_CONTROL, PacketAnswer.NOT_STORED);
        exchange().endExchange();
    }

    @Override
    @Nullable Ending overdue(long now) {
        boolean over = looked && !answered && now - openedMillis() >= waitMillis;
        return over ? Ending.DONE : super.overdue(now);
    }
}
