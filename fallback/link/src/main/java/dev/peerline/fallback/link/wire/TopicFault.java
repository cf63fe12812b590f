package dev.peerline.fallback.link.wire;

import java.util.Objects;

/**
 * Why a subscription ended, or a message was not published.
 *
 * @param code as in docs/protocol.md, sections 7 and 8
 * @param message a sentence for the developer
 * @param retriable whether the same may succeed later
 * @param retryAfterMillis when; 0 when that is not known
 */
public record TopicFault(String code, String message, boolean retriable, long retryAfterMillis) {
    static TopicFault read(WireReader reader) {
        return read(Fields.read(reader), 1);
    }

    static TopicFault read(Fields fields, int firstTag) {
        return new TopicFault(
                Objects.requireNonNullElse(fields.text(firstTag), ""),
                Objects.requireNonNullElse(fields.text(firstTag + 1), ""),
                fields.number(firstTag + 2, 0) == 1,
                fields.number(firstTag + 3, 0));
    }

    void write(Fields.Writer fields, int firstTag) {
        fields.text(firstTag, code)
                .text(firstTag + 1, message)
                .number(firstTag + 2, retriable ? 1 : 0);
        if (retryAfterMillis > 0) fields.number(firstTag + 3, retryAfterMillis);
    }
}
