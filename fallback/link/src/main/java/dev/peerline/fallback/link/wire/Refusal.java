package dev.peerline.fallback.link.wire;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * The {@code ERROR} frame: the carrier ends after it.
 *
 * @param code one of {@link ErrorCode}, as text, since later servers may know more
 * @param message a sentence for the developer
 * @param retriable whether the same may succeed later
 * @param retryAfterMillis how much later; 0 when it says nothing
 * @param hint what would help; null when nothing comes to mind
 */
public record Refusal(
        String code,
        String message,
        boolean retriable,
        long retryAfterMillis,
        @Nullable String hint)
        implements DownFrame {
    static final int TYPE = 23;

    public static Refusal of(ErrorCode code, String message) {
        return new Refusal(code.name(), message, code.retriable(), 0, null);
    }

    public Refusal withHint(@Nullable String text) {
        return new Refusal(code, message, retriable, retryAfterMillis, text);
    }

    public Refusal withRetryAfterMillis(long millis) {
        return new Refusal(code, message, retriable, millis, hint);
    }

    /** The code; {@code INTERNAL} for one that this version does not know. */
    public ErrorCode knownCode() {
        for (ErrorCode known : ErrorCode.values()) {
            if (known.name().equals(code)) return known;
        }
        return ErrorCode.INTERNAL;
    }

    static Refusal read(WireReader reader) {
        Fields fields = Fields.read(reader);
        String code = fields.text(1);
        return new Refusal(
                Objects.requireNonNullElse(code, ErrorCode.INTERNAL.name()),
                Objects.requireNonNullElse(fields.text(2), ""),
                fields.number(3, 0) == 1,
                fields.number(4, 0),
                fields.text(5));
    }

    @Override
    public int type() {
        return TYPE;
    }

    @Override
    public void writeBody(WireWriter writer) {
        Fields.Writer fields =
                new Fields.Writer().text(1, code).text(2, message).number(3, retriable ? 1 : 0);
        if (retryAfterMillis > 0) fields.number(4, retryAfterMillis);
        fields.text(5, hint).writeTo(writer);
    }
}
