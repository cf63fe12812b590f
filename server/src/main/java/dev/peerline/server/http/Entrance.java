package dev.peerline.server.http;

import dev.peerline.fallback.http.PacketAnswer;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.door.Doors;
import dev.peerline.server.door.Doors.Refusal;
import dev.peerline.server.metrics.Metrics;
import dev.peerline.server.metrics.Metrics.Refused;

import io.undertow.server.HttpHandler;
import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.Headers;
import io.undertow.util.HttpString;
import io.undertow.util.Methods;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What every request passes before anything looks at its path: who calls, for which host, from
 * which page. Also the headers that every answer has. Thread-safe.
 */
final class Entrance implements HttpHandler {
    private static final HttpString FORWARDED = HttpString.tryFromString("Forwarded");
    private static final HttpString REFERRER_POLICY = HttpString.tryFromString("Referrer-Policy");
    private static final HttpString ALLOW_ORIGIN =
            HttpString.tryFromString("Access-Control-Allow-Origin");
    private static final HttpString EXPOSE_HEADERS =
            HttpString.tryFromString("Access-Control-Expose-Headers");
    private static final HttpString REQUEST_METHOD =
            HttpString.tryFromString("Access-Control-Request-Method");
    private static final HttpString ALLOW_METHODS =
            HttpString.tryFromString("Access-Control-Allow-Methods");
    private static final HttpString ALLOW_HEADERS =
            HttpString.tryFromString("Access-Control-Allow-Headers");
    private static final HttpString MAX_AGE = HttpString.tryFromString("Access-Control-Max-Age");

    private final Doors doors;
    private final ClientAddress clientAddress;
    private final boolean trustLoopback;
    private final Metrics metrics;
    private final HttpHandler next;

    /** Almost every request names the same. */
    private volatile Host lastHost = new Host("", null, Refusal.FORBIDDEN_HOST);

    /**
     * What a {@code Host} header comes to.
     *
     * @param refusal why it is refused from no page; null where it is not
     */
    private record Host(String text, @Nullable HostAndPort parsed, @Nullable Refusal refusal) {}

    /**
     * @param trustLoopback whether clients on this machine are exempt from limits
     */
    Entrance(
            Doors doors,
            ClientAddress clientAddress,
            boolean trustLoopback,
            Metrics metrics,
            HttpHandler next) {
        this.doors = doors;
        this.clientAddress = clientAddress;
        this.trustLoopback = trustLoopback;
        this.metrics = metrics;
        this.next = next;
    }

    @Override
    public void handleRequest(HttpServerExchange exchange) throws Exception {
        exchange.getResponseHeaders()
                .put(Headers.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .put(REFERRER_POLICY, "no-referrer")
                .put(Headers.CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'");
        HeaderMap request = exchange.getRequestHeaders();
        InetAddress peer = peer(exchange);
        boolean proxied = clientAddress.isTrustedProxy(peer);
        String scheme = scheme(exchange, proxied);
        Host named = host(request);
        HostAndPort host = named.parsed();
        String origin = request.getFirst(Headers.ORIGIN);

        Refusal refusal = origin == null ? named.refusal() : doors.refusal(host, origin, scheme);
        if (refusal != null || host == null) {
            refuse(exchange, refusal == null ? Refusal.FORBIDDEN_HOST : refusal);
            return;
        }
        InetAddress client = client(peer, request);
        new Caller(client, host, scheme, trustLoopback && client.isLoopbackAddress())
                .attachTo(exchange);
        // What later handlers see of it.
        exchange.setSourceAddress(new InetSocketAddress(client, 0));
        exchange.setRequestScheme(scheme);
        if (origin != null) share(exchange, origin);
        if (isPreflight(exchange, origin)) answerPreflight(exchange);
        else next.handleRequest(exchange);
    }

    private static InetAddress peer(HttpServerExchange exchange) {
        return exchange.getConnection().getPeerAddress(InetSocketAddress.class).getAddress();
    }

    private InetAddress client(InetAddress peer, HeaderMap request) {
        return clientAddress.of(
                peer, values(request, FORWARDED), values(request, Headers.X_FORWARDED_FOR));
    }

    private static String scheme(HttpServerExchange exchange, boolean proxied) {
        HeaderMap request = exchange.getRequestHeaders();
        String named =
                proxied
                        ? ClientAddress.scheme(
                                values(request, FORWARDED),
                                values(request, Headers.X_FORWARDED_PROTO))
                        : null;
        return named == null ? exchange.getRequestScheme() : named;
    }

    private static List<String> values(HeaderMap headers, HttpString name) {
        List<String> values = headers.get(name);
        return values == null ? List.of() : values;
    }

    private Host host(HeaderMap request) {
        List<String> hosts = values(request, Headers.HOST);
        if (hosts.size() != 1) return new Host("", null, Refusal.FORBIDDEN_HOST);
        String text = hosts.getFirst();
        Host known = lastHost;
        if (!known.text().equals(text)) {
            HostAndPort parsed = HostAndPort.parse(text);
            known = new Host(text, parsed, doors.refusal(parsed, null, ""));
            lastHost = known;
        }
        return known;
    }

    private void refuse(HttpServerExchange exchange, Refusal refusal) {
        boolean host = refusal == Refusal.FORBIDDEN_HOST;
        metrics.refused(host ? Refused.FORBIDDEN_HOST : Refused.FORBIDDEN_ORIGIN);
        String detail =
                host
                        ? "This server does not answer for the host that the request names; its"
                                + " operator can add a name with --hostname."
                        : "Pages of this origin may not use this server; its operator can allow"
                                + " the origin with --allow-origin.";
        if (Routes.isLinkOfPackets(exchange))
            PacketAnswer.refuse(
                    exchange,
                    dev.peerline.fallback.link.wire.Refusal.of(
                            ErrorCode.valueOf(refusal.name()), detail));
        else new Problem(StatusCodes.FORBIDDEN, refusal.name(), detail).send(exchange);
    }

    /** The page may read the answer. Nothing rides on cookies, so none are mentioned. */
    private static void share(HttpServerExchange exchange, String origin) {
        exchange.getResponseHeaders()
                .put(ALLOW_ORIGIN, origin)
                .put(EXPOSE_HEADERS, "Retry-After, Peerline-Poll-After")
                .add(Headers.VARY, "Origin");
    }

    private static boolean isPreflight(HttpServerExchange exchange, @Nullable String origin) {
        return origin != null
                && exchange.getRequestMethod().equals(Methods.OPTIONS)
                && exchange.getRequestHeaders().contains(REQUEST_METHOD);
    }

    private static void answerPreflight(HttpServerExchange exchange) {
        exchange.setStatusCode(StatusCodes.NO_CONTENT);
        exchange.getResponseHeaders()
                .put(ALLOW_METHODS, "GET, POST")
                .put(
                        ALLOW_HEADERS,
                        "Authorization, Content-Type, Idempotency-Key, Last-Event-ID,"
                                + " Peerline-Hello")
                .put(MAX_AGE, "600");
        exchange.endExchange();
    }
}
