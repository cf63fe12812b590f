package dev.peerline.sdk;

import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/** What went wrong, by a stable {@link #code} (docs/protocol.md, section 5). */
public final class PeerlineException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String code;
    private final boolean retriable;
    private final String hint;

    public PeerlineException(String code, String message, boolean retriable, String hint) {
        this(code, message, retriable, hint, null);
    }

    public PeerlineException(
            String code,
            String message,
            boolean retriable,
            String hint,
            @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.retriable = retriable;
        this.hint = hint;
    }

    /** What a server said. */
    public static PeerlineException of(Refusal refusal) {
        String hint = Objects.requireNonNullElse(refusal.hint(), "");
        return new PeerlineException(refusal.code(), refusal.message(), refusal.retriable(), hint);
    }

    /** For argument {@code name}, what it must be and what it was. */
    static PeerlineException badArgument(String message) {
        return new PeerlineException("BAD_ARGUMENT", message, false, "");
    }

    /** Such as {@code QUEUE_FULL}; never changes its meaning. */
    public String code() {
        return code;
    }

    /** Whether the same may succeed later. */
    public boolean retriable() {
        return retriable;
    }

    /** What to do about it; empty when nothing comes to mind. */
    public String hint() {
        return hint;
    }
}
