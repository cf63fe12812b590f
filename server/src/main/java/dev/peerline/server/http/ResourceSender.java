package dev.peerline.server.http;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.HeaderMap;
import io.undertow.util.HeaderValues;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/** Answers with a file: compressed, or not at all when the browser has it already. */
final class ResourceSender {
    private ResourceSender() {}

    static void send(HttpServerExchange exchange, Resource resource) {
        HeaderMap headers = exchange.getResponseHeaders();
        headers.put(Headers.ETAG, resource.etag());
        // Kept, and asked for again each time: a new version is seen at once.
        headers.put(Headers.CACHE_CONTROL, "no-cache");
        headers.add(Headers.VARY, "Accept-Encoding");
        if (has(exchange.getRequestHeaders().getFirst(Headers.IF_NONE_MATCH), resource.etag())) {
            exchange.setStatusCode(StatusCodes.NOT_MODIFIED);
            exchange.endExchange();
            return;
        }
        headers.put(Headers.CONTENT_TYPE, resource.type());
        ByteBuffer body = resource.plain();
        ByteBuffer gzipped = resource.gzipped();
        if (gzipped != null && acceptsGzip(exchange.getRequestHeaders())) {
            headers.put(Headers.CONTENT_ENCODING, "gzip");
            body = gzipped;
        }
        exchange.getResponseSender().send(body.duplicate());
    }

    /** RFC 9110 §13.1.2: weak comparison with each tag of the list. */
    private static boolean has(@Nullable String ifNoneMatch, String etag) {
        if (ifNoneMatch == null) return false;
        if (ifNoneMatch.strip().equals("*")) return true;
        String opaque = etag.substring("W/".length());
        for (String tag : ifNoneMatch.split(",", -1)) {
            String bare = tag.strip();
            if (bare.equals(etag) || bare.equals(opaque)) return true;
        }
        return false;
    }

    private static boolean acceptsGzip(HeaderMap headers) {
        HeaderValues values = headers.get(Headers.ACCEPT_ENCODING);
        if (values == null) return false;
        for (String value : values)
            for (String coding : value.split(",", -1)) {
                String[] parts = coding.strip().split("\\s*;\\s*", -1);
                if (!parts[0].equalsIgnoreCase("gzip")) continue;
                return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
            }
        return false;
    }
}
