package dev.peerline.fallback.grpc;

import dev.peerline.fallback.link.topic.TopicPattern;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.List;

/** Who may read and publish what, and how much. Thread-safe; it does not block. */
public interface PushAccess {
    /**
     * Judges any call, before anything else is looked at.
     *
     * @param limited whether it counts against the rate of requests here; what reads and publishes
     *     has rates of its own
     * @return why it is refused; null when it is not
     */
    @Nullable PushRefusal knock(PushCaller caller, boolean limited);

    /**
     * Whom the connections of an address are counted with; null for who has no limit of its own.
     */
    @Nullable String connectionsKey(InetAddress peer);

    /** Judges one who wants to talk about topics, and has not said about which. */
    Decision enter(PushCaller caller);

    /** Judges a request to read. */
    Decision read(PushCaller caller, TopicPattern pattern);

    /** Judges a request to publish. */
    Decision publish(PushCaller caller, TopicPattern topic);

    /**
     * Counts a reader in.
     *
     * @param limitsKey whose readers are counted together; null for who is exempt
     * @return why there is no room; null when there is
     */
    @Nullable PushRefusal open(@Nullable String limitsKey);

    /** Counts a reader out. */
    void close(@Nullable String limitsKey);

    /** Yes or no. */
    sealed interface Decision {}

    /**
     * Yes.
     *
     * @param allowed what may be read, any of these; null for everything
     * @param untilMillis when a stream ends, Unix time in ms; {@link #NEVER} for never
     * @param limitsKey whose readers are counted together; null for who is exempt
     */
    record Granted(
            @Nullable List<TopicPattern> allowed, long untilMillis, @Nullable String limitsKey)
            implements Decision {
        /** A stream that ends when its client wants. */
        public static final long NEVER = Long.MAX_VALUE;
    }

    /** No. */
    record Refused(PushRefusal refusal) implements Decision {}
}
