package dev.peerline.sdk;

import com.google.gson.JsonElement;

/**
 * A message, handed over once and in the order of its channel.
 *
 * @param channel empty for the one without a name
 * @param direct whether it was for this peer alone
 */
public record Message(Peer from, Data data, String channel, boolean direct) {
    /** See {@link Data#text}. */
    public String text() {
        return data.text();
    }

    /** See {@link Data#bytes}. */
    public byte[] bytes() {
        return data.bytes();
    }

    /** See {@link Data#json}. */
    public JsonElement json() {
        return data.json();
    }
}
