package dev.peerline.server.http;

import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Tokens;
import dev.peerline.server.token.Verdict;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.Headers;
import io.undertow.util.StatusCodes;

import org.jspecify.annotations.Nullable;

import java.util.function.Predicate;

/** Tokens in the {@code Authorization} header (RFC 6750 §2.1). Immutable. */
final class Bearer {
    private static final String SCHEME = "Bearer ";

    private final @Nullable Tokens tokens;

    /**
     * @param tokens null when this server needs none
     */
    Bearer(@Nullable Tokens tokens) {
        this.tokens = tokens;
    }

    /** The token that a request carries, or null. */
    static @Nullable String token(HttpServerExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst(Headers.AUTHORIZATION);
        boolean bearer =
                header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        return bearer && header != null ? header.substring(SCHEME.length()).strip() : null;
    }

    /** Whether a request carries a token of this server that has not ended. */
    boolean isHolder(HttpServerExchange exchange) {
        String token = tokens == null ? null : token(exchange);
        return token != null && tokens != null && tokens.verify(token) instanceof Verdict.Accepted;
    }

    /**
     * Why a request may not do something, or null when it may.
     *
     * @param scope what its token must grant
     * @param what the same for people: "to join a room"
     */
    @Nullable Problem problem(HttpServerExchange exchange, Predicate<Claims> scope, String what) {
        if (tokens == null) return null;
        String token = token(exchange);
        if (token == null)
            return unauthorized(exchange, "UNAUTHORIZED", "This needs a token.", "Bearer");
        return switch (tokens.verify(token)) {
            case Verdict.Refused refused ->
                    unauthorized(
                            exchange,
                            refused.code(),
                            "This needs another token: " + refused.message() + ".",
                            "Bearer error=\"invalid_token\"");
            case Verdict.Accepted accepted when scope.test(accepted.claims()) -> null;
            case Verdict.Accepted _ -> {
                challenge(exchange, "Bearer error=\"insufficient_scope\"");
                yield new Problem(
                        StatusCodes.FORBIDDEN,
                        "FORBIDDEN_SCOPE",
                        "The token does not allow " + what + ".");
            }
        };
    }

    private static Problem unauthorized(
            HttpServerExchange exchange, String code, String detail, String challenge) {
        challenge(exchange, challenge);
        return new Problem(StatusCodes.UNAUTHORIZED, code, detail);
    }

    private static void challenge(HttpServerExchange exchange, String challenge) {
        exchange.getResponseHeaders().put(Headers.WWW_AUTHENTICATE, challenge);
    }
}
