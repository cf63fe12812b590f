package dev.peerline.sdk;

/**
 * Something that was seen of a path, and what would help.
 *
 * @param code stable, such as {@code UDP_BLOCKED}
 * @param text the same, as a sentence
 * @param next what to do about it; empty when there is nothing to be done
 */
public record Finding(String code, String text, String next) {
    public Finding(String code, String text) {
        this(code, text, "");
    }
}
