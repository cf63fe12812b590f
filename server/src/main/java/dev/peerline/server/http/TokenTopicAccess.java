package dev.peerline.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peerline.fallback.http.topics.TopicAccess;
import dev.peerline.fallback.http.topics.TopicError;
import dev.peerline.fallback.http.topics.TopicRefusal;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.door.Quota;
import dev.peerline.server.ticket.Tickets;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Tokens;
import dev.peerline.server.token.Verdict;
import dev.peerline.signaling.rooms.room.TopicRights;

import io.undertow.server.HttpServerExchange;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Function;

/** Lets to topics whom the tokens let. The doors have been passed before. Thread-safe. */
public final class TokenTopicAccess implements TopicAccess {
    private static final int BURST_SECONDS = 10;
    private static final int REMEMBERED = 20_000;

    private final @Nullable Tokens tokens;
    private final Tickets tickets;
    private final List<TopicPattern> open;
    private final Quota<String> publishes;
    private final Quota<String> reads;

    /**
     * @param tokens null when this server needs none
     */
    public TokenTopicAccess(@Nullable Tokens tokens, Tickets tickets, TopicConfig config) {
        this.tokens = tokens;
        this.tickets = tickets;
        open = config.open();
        publishes = quota(config.publishesPerSecond());
        reads = quota(config.requestsPerSecond());
    }

    private static Quota<String> quota(int perSecond) {
        return new Quota<>(
                perSecond * BURST_SECONDS, Duration.ofSeconds(BURST_SECONDS).toNanos(), REMEMBERED);
    }

    /**
     * Who asks, whatever the way.
     *
     * @param token null for none
     * @param address the client's, behind trusted proxies
     * @param exempt whether limits are not for it
     */
    public record Asker(@Nullable String token, InetAddress address, boolean exempt) {
        private static Asker of(HttpServerExchange exchange, @Nullable String token) {
            Caller caller = Caller.of(exchange);
            return new Asker(token, caller.address(), caller.exempt());
        }

        private @Nullable String addressKey() {
            return exempt ? null : ClientAddress.limitsKey(address);
        }
    }

    @Override
    public Decision read(HttpServerExchange exchange, TopicPattern pattern) {
        String token = Bearer.token(exchange);
        String ticket = ticket(exchange);
        if (tokens != null && token == null && ticket != null) {
            byte[] content = tickets.open(exchange.getRequestPath(), ticket);
            if (content == null) {
                return refused(
                        TopicError.UNAUTHORIZED,
                        "The ticket is not for this topic, or over.",
                        "Bearer");
            }
            // A ticket for an open topic holds no token.
            if (content.length > 0) token = new String(content, UTF_8);
        }
        return read(Asker.of(exchange, token), pattern);
    }

    /** Judges a request to read. */
    public Decision read(Asker asker, TopicPattern pattern) {
        Decision decision = judgeReading(asker, pattern);
        return decision instanceof Granted granted ? within(reads, granted) : decision;
    }

    private Decision judgeReading(Asker asker, TopicPattern pattern) {
        if (tokens == null) return new Granted(null, Granted.NEVER, asker.addressKey());
        if (asker.token() != null) {
            return judge(asker, pattern, claims -> both(open, claims.subscribe()));
        }
        boolean free = open.stream().anyMatch(pattern::overlaps);
        if (free) return new Granted(open, Granted.NEVER, asker.addressKey());
        return refused(TopicError.UNAUTHORIZED, "Reading this needs a token.", "Bearer");
    }

    @Override
    public Decision again(Granted before) {
        if (before.untilMillis() > System.currentTimeMillis()) return within(reads, before);
        return new Refused(TopicRefusal.of(TopicError.TOKEN_EXPIRED, "The token has expired."));
    }

    private static @Nullable String ticket(HttpServerExchange exchange) {
        Deque<String> values = exchange.getQueryParameters().get("ticket");
        return values == null ? null : values.getFirst();
    }

    @Override
    public Decision publish(HttpServerExchange exchange, TopicPattern topic) {
        return publish(Asker.of(exchange, Bearer.token(exchange)), topic);
    }

    /** Judges a request to publish. */
    public Decision publish(Asker asker, TopicPattern topic) {
        Decision decision = judgePublishing(asker, topic);
        return decision instanceof Granted granted ? within(publishes, granted) : decision;
    }

    private Decision judgePublishing(Asker asker, TopicPattern topic) {
        if (tokens == null) return new Granted(null, Granted.NEVER, asker.addressKey());
        if (asker.token() != null) {
            return judge(asker, topic, claims -> both(List.of(), claims.publish()));
        }
        return refused(TopicError.UNAUTHORIZED, "Publishing needs a token.", "Bearer");
    }

    /**
     * What a session may do with topics.
     *
     * @param addressKey whose limits count without a token; null for who is exempt
     */
    TopicRights rights(@Nullable String addressKey, @Nullable String token) {
        if (tokens == null) return new TopicRights(null, null, addressKey);
        if (token == null || !(tokens.verify(token) instanceof Verdict.Accepted(Claims claims))) {
            return new TopicRights(open, List.of(), addressKey);
        }
        return new TopicRights(
                both(open, claims.subscribe()),
                both(List.of(), claims.publish()),
                addressKey == null ? null : TokenAdmission.tokenKey(token));
    }

    /** Counts a message; how long to wait where that is too many, in ms, else 0. */
    long publishWaitMillis(String limitsKey) {
        long waitNanos = publishes.take(limitsKey, System.nanoTime());
        return waitNanos == 0 ? 0 : Math.max(1, Duration.ofNanos(waitNanos).toMillis());
    }

    /** Judges one who has not said yet what it wants. */
    public Decision enter(Asker asker) {
        if (tokens == null) return new Granted(null, Granted.NEVER, asker.addressKey());
        String token = asker.token();
        if (token == null) {
            return open.isEmpty()
                    ? refused(TopicError.UNAUTHORIZED, "This needs a token.", "Bearer")
                    : new Granted(open, Granted.NEVER, asker.addressKey());
        }
        return switch (tokens.verify(token)) {
            case Verdict.Refused refused -> refused(refused);
            case Verdict.Accepted(Claims claims) ->
                    new Granted(List.of(), claims.expires().toEpochMilli(), key(asker, token));
        };
    }

    private Decision judge(
            Asker asker, TopicPattern pattern, Function<Claims, List<TopicPattern>> scope) {
        String token = asker.token();
        if (tokens == null || token == null) {
            throw new AssertionError("no token, or none is needed");
        }
        return switch (tokens.verify(token)) {
            case Verdict.Refused refused -> refused(refused);
            case Verdict.Accepted(Claims claims) -> {
                List<TopicPattern> allowed = scope.apply(claims);
                if (allowed.stream().noneMatch(pattern::overlaps)) {
                    yield refused(
                            TopicError.FORBIDDEN_SCOPE,
                            "The token does not allow this topic.",
                            "Bearer error=\"insufficient_scope\"");
                }
                long until = claims.expires().toEpochMilli();
                yield new Granted(allowed, until, key(asker, token));
            }
        };
    }

    private static @Nullable String key(Asker asker, String token) {
        return asker.exempt() ? null : TokenAdmission.tokenKey(token);
    }

    private static Refused refused(Verdict.Refused refused) {
        return refused(
                TopicError.valueOf(refused.code()),
                "This needs another token: " + refused.message() + ".",
                "Bearer error=\"invalid_token\"");
    }

    private static List<TopicPattern> both(List<TopicPattern> open, List<String> granted) {
        List<TopicPattern> allowed = new ArrayList<>(open);
        for (String text : granted) {
            TopicPattern pattern = TopicPattern.parse(text);
            if (pattern != null) allowed.add(pattern);
        }
        return allowed;
    }

    private static Refused refused(TopicError error, String detail, String challenge) {
        return new Refused(TopicRefusal.of(error, detail).withChallenge(challenge));
    }

    private static Decision within(Quota<String> quota, Granted granted) {
        String key = granted.limitsKey();
        long waitNanos = key == null ? 0 : quota.take(key, System.nanoTime());
        if (waitNanos == 0) return granted;
        return new Refused(
                TopicRefusal.of(TopicError.RATE_LIMITED, "Too many requests.")
                        .withRetryAfterMillis(Math.max(1, Duration.ofNanos(waitNanos).toMillis())));
    }
}
