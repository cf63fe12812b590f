package dev.peerline.server.config;

/**
 * Options, or files that they name, cannot be used. The message says what is wrong and what to do.
 */
public final class BadUsage extends Exception {
    private static final long serialVersionUID = 1;

    private final String sentence;

    public BadUsage(String sentence) {
        super(sentence);
        this.sentence = sentence;
    }

    /** What {@link #getMessage} says, which is always there. */
    public String sentence() {
        return sentence;
    }
}
