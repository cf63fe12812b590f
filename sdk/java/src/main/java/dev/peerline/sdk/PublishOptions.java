package dev.peerline.sdk;

/**
 * How a message is published.
 *
 * @param type its media type; empty for that of the data
 * @param key makes a repetition harmless: within ten minutes the same key on the same topic is the
 *     same message; empty for none
 */
public record PublishOptions(String type, String key) {
    public static final PublishOptions DEFAULT = new PublishOptions("", "");

    public static PublishOptions withType(String type) {
        return new PublishOptions(type, "");
    }

    public static PublishOptions withKey(String key) {
        return new PublishOptions("", key);
    }
}
