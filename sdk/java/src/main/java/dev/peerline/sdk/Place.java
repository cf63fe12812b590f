package dev.peerline.sdk;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a room is.
 *
 * @param base {@code http:} or {@code https:}, ends in a slash
 * @param token of an invite link; null without one
 */
record Place(String base, String room, @Nullable String token) {
    private static final Pattern PATH = Pattern.compile("(.*/)([A-Za-z0-9_-]{1,64})/?");
    private static final Pattern TOKEN = Pattern.compile("(?:.*&)?token=([^&]*).*");

    static Place of(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        String http = scheme.replace("ws", "http");
        String path = url.getPath();
        Matcher matcher = PATH.matcher(path == null ? "" : path);
        if (!http.matches("https?") || url.getHost() == null || !matcher.matches()) {
            throw new PeerlineException(
                    "BAD_ARGUMENT",
                    "url: %s names no room".formatted(withoutFragment(url)),
                    false,
                    "It is https://host/room; a room has 1 to 64 of A-Z a-z 0-9 _ -");
        }
        String base = http + "://" + url.getRawAuthority() + matcher.group(1);
        return new Place(base, matcher.group(2), token(url.getRawFragment()));
    }

    /** It may hold a token. */
    private static String withoutFragment(URI url) {
        return url.toString().replaceFirst("#.*", "");
    }

    private static @Nullable String token(@Nullable String fragment) {
        Matcher matcher = TOKEN.matcher(fragment == null ? "" : fragment);
        if (!matcher.matches()) return null;
        return URLDecoder.decode(matcher.group(1), StandardCharsets.UTF_8);
    }

    /** Where sessions are. */
    URI link() {
        return URI.create(base + "v1/link");
    }

    /** The same for a WebSocket. */
    URI webSocket() {
        return URI.create(base.replaceFirst("^http", "ws") + "v1/link");
    }

    /** Server and room, as a name. */
    String name() {
        return base + room;
    }
}
