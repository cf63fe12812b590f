package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.UpFrame;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;

import org.jspecify.annotations.Nullable;

import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ways down over plain HTTP: reads a {@code GET} and makes its carrier. docs/protocol.md, section
 * 6. Thread-safe.
 */
final class GetDoor {
    static final int MAX_WAIT_SECONDS = 30;

    private static final int SECOND_MILLIS = 1_000;
    private static final Pattern WAIT = Pattern.compile("[0-9]{1,9}");

    /** Both numbers are below 2^53, and so of 16 digits. */
    private static final Pattern CURSOR = Pattern.compile("([0-9]{1,16})-([0-9]{1,16})");

    private final LinkHandler link;
    private final TicketReader tickets;

    GetDoor(LinkHandler link, TicketReader tickets) {
        this.link = link;
        this.tickets = tickets;
    }

    void handle(HttpServerExchange exchange) {
        Asked asked = new Asked(exchange);
        Hello hello = asked.hello();
        Refusal bad = asked.refusal;
        if (bad == null && hello != null) bad = limit(hello);
        if (bad != null) {
            link.refuse(exchange, bad);
            return;
        }
        if (hello == null) throw new AssertionError("refused for no reason");
        Visitor visitor = LinkHandler.visitor(exchange);
        HttpCarrier carrier =
                asked.stream
                        ? new SseCarrier(link, visitor, exchange)
                        : new PollCarrier(link, visitor, exchange, asked.waitMillis());
        link.opened(carrier);
        carrier.open(hello, asked.acks);
        if (carrier.door().session() != null) {
            boolean exempt = carrier.door().limitsKey() == null;
            link.meters().reads(hello.id(), carrier.kind(), exempt, link.nowMillis());
        }
    }

    private @Nullable Refusal limit(Hello hello) {
        long waitMillis = link.meters().waitMillis(hello.id(), link.nowMillis());
        if (waitMillis > 0) return Uplink.flooded(waitMillis);
        return link.isFull() ? link.full() : null;
    }

    /** What a request asks for. The first thing that is wrong with it counts. */
    private final class Asked {
        private final HttpServerExchange exchange;
        private final HeaderMap headers;
        private final boolean stream;
        private @Nullable Refusal refusal;
        private List<UpFrame> acks = List.of();

        Asked(HttpServerExchange exchange) {
            this.exchange = exchange;
            headers = exchange.getRequestHeaders();
            String accept = headers.getFirst(Headers.ACCEPT);
            stream = accept != null && accept.contains("text/event-stream");
        }

        /** Null when it is refused. */
        @Nullable Hello hello() {
            if (!exchange.isRequestComplete()) refuse(ErrorCode.BAD_FRAME, "A GET has no body.");
            if (!stream && waitMillis() < 0) {
                refuse(ErrorCode.BAD_FRAME, "wait is a whole number of seconds.");
            }
            String ticket = parameter("ticket");
            Bytes packet = ticket == null || !stream ? header() : tickets.open(ticket);
            if (packet == null) {
                refuse(
                        ticket == null || !stream ? ErrorCode.BAD_HELLO : ErrorCode.UNAUTHORIZED,
                        ticket == null || !stream
                                ? "Peerline-Hello must be a packet in base64url."
                                : "The ticket is not of this server and resource, or over.");
            }
            Hello hello = packet == null ? null : hello(packet);
            if (hello == null || refusal != null) return null;
            return stream ? withLastEventId(hello) : hello;
        }

        private @Nullable Bytes header() {
            return HelloHeader.packet(headers);
        }

        private @Nullable Hello hello(Bytes packet) {
            return switch (UpFrame.readAll(packet)) {
                case Parsed.Bad<List<UpFrame>>(ErrorCode code, String problem) -> {
                    refuse(code, problem);
                    yield null;
                }
                case Parsed.Good<List<UpFrame>>(List<UpFrame> frames) -> hello(frames);
            };
        }

        private @Nullable Hello hello(List<UpFrame> frames) {
            if (frames.isEmpty() || !(frames.getFirst() instanceof Hello hello)) {
                refuse(ErrorCode.BAD_HELLO, "The first frame must be HELLO.");
                return null;
            }
            acks = frames.subList(1, frames.size());
            if (!acks.stream().allMatch(Asked::mayFollow)) {
                refuse(ErrorCode.BAD_FRAME, "Only ACK and TOPICS follow the HELLO here.");
            }
            return hello;
        }

        private static boolean mayFollow(UpFrame frame) {
            return frame instanceof UpFrame.Ack || frame instanceof TopicListing;
        }

        private @Nullable Hello withLastEventId(Hello hello) {
            String last = headers.getFirst("Last-Event-ID");
            if (last == null || last.isEmpty()) return hello;
            Matcher matcher = CURSOR.matcher(last);
            if (matcher.matches()) {
                long epoch = Long.parseLong(matcher.group(1));
                return hello.at(new Cursor(epoch, Long.parseLong(matcher.group(2))));
            }
            refuse(ErrorCode.BAD_HELLO, "Last-Event-ID is no cursor of this server.");
            return null;
        }

        /** -1 for one that is no number. */
        int waitMillis() {
            return GetDoor.waitMillis(parameter("wait"));
        }

        private @Nullable String parameter(String name) {
            Deque<String> values = exchange.getQueryParameters().get(name);
            return values == null ? null : values.getFirst();
        }

        private void refuse(ErrorCode code, String message) {
            if (refusal == null) refusal = Refusal.of(code, message);
        }
    }

    /** Seconds, and no more than the cap; -1 for what is no number. */
    static int waitMillis(@Nullable String wait) {
        if (wait == null) return 0;
        if (!WAIT.matcher(wait).matches()) return -1;
        return Math.min(Integer.parseInt(wait), MAX_WAIT_SECONDS) * SECOND_MILLIS;
    }
}
