package dev.peerline.server.grpc;

import dev.peerline.fallback.grpc.PushAccess;
import dev.peerline.fallback.grpc.PushCaller;
import dev.peerline.fallback.grpc.PushError;
import dev.peerline.fallback.grpc.PushRefusal;
import dev.peerline.fallback.http.topics.TopicAccess;
import dev.peerline.fallback.http.topics.TopicHandler;
import dev.peerline.fallback.http.topics.TopicRefusal;
import dev.peerline.fallback.link.topic.TopicPattern;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.door.Doors;
import dev.peerline.server.door.Mode;
import dev.peerline.server.door.Quota;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.TokenTopicAccess;
import dev.peerline.server.http.TokenTopicAccess.Asker;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.time.Duration;

/** Lets in by gRPC whom HTTP lets in, and counts them together. Thread-safe. */
public final class TokenPushAccess implements PushAccess {
    private static final int BURST_SECONDS = 10;
    private static final int REMEMBERED = 20_000;

    private final TokenTopicAccess topics;
    private final TopicHandler readers;
    private final Doors doors;
    private final ClientAddress clients;
    private final boolean trustLoopback;
    private final Quota<String> requests;

    /**
     * @param topics judges the same by HTTP
     * @param readers has the readers by HTTP
     */
    public TokenPushAccess(TokenTopicAccess topics, TopicHandler readers, HttpConfig http) {
        this.topics = topics;
        this.readers = readers;
        doors = http.doors();
        clients = http.clients();
        trustLoopback = http.page().mode() != Mode.PUBLIC;
        requests =
                new Quota<>(
                        http.limits().requestsPerSecond() * BURST_SECONDS,
                        Duration.ofSeconds(BURST_SECONDS).toNanos(),
                        REMEMBERED);
    }

    @Override
    public @Nullable PushRefusal knock(PushCaller caller, boolean limited) {
        String authority = caller.authority();
        HostAndPort host = authority == null ? null : HostAndPort.parse(authority);
        Doors.Refusal refusal =
                doors.refusal(host, caller.origin(), caller.secure() ? "https" : "http");
        if (refusal != null) {
            return PushRefusal.of(
                    PushError.valueOf(refusal.name()),
                    "This server does not answer for that host, or not to that page.");
        }
        Asker asker = asker(caller);
        if (!limited || asker.exempt()) return null;
        String key = ClientAddress.limitsKey(asker.address());
        long waitNanos = requests.take(key, System.nanoTime());
        if (waitNanos == 0) return null;
        return PushRefusal.of(PushError.RATE_LIMITED, "Too many requests.")
                .withRetryAfterMillis(Math.max(1, Duration.ofNanos(waitNanos).toMillis()));
    }

    private Asker asker(PushCaller caller) {
        InetAddress address = clients.of(caller.peer(), caller.forwarded(), caller.forwardedFor());
        boolean exempt = trustLoopback && address.isLoopbackAddress();
        return new Asker(caller.token(), address, exempt);
    }

    @Override
    public @Nullable String connectionsKey(InetAddress peer) {
        boolean unlimited =
                (trustLoopback && peer.isLoopbackAddress()) || clients.isTrustedProxy(peer);
        return unlimited ? null : ClientAddress.limitsKey(peer);
    }

    @Override
    public Decision enter(PushCaller caller) {
        return decision(topics.enter(asker(caller)));
    }

    @Override
    public Decision read(PushCaller caller, TopicPattern pattern) {
        return decision(topics.read(asker(caller), pattern));
    }

    @Override
    public Decision publish(PushCaller caller, TopicPattern topic) {
        return decision(topics.publish(asker(caller), topic));
    }

    private static Decision decision(TopicAccess.Decision decision) {
        return switch (decision) {
            case TopicAccess.Granted granted ->
                    new Granted(granted.allowed(), granted.untilMillis(), granted.limitsKey());
            case TopicAccess.Refused(TopicRefusal refusal) -> new Refused(refusal(refusal));
        };
    }

    private static PushRefusal refusal(TopicRefusal refusal) {
        return PushRefusal.of(PushError.valueOf(refusal.error().name()), refusal.detail())
                .withRetryAfterMillis(refusal.retryAfterMillis());
    }

    @Override
    public @Nullable PushRefusal open(@Nullable String limitsKey) {
        TopicRefusal full = readers.countIn(limitsKey);
        return full == null ? null : refusal(full);
    }

    @Override
    public void close(@Nullable String limitsKey) {
        readers.countOut(limitsKey);
    }
}
