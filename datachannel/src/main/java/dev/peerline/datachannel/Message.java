package dev.peerline.datachannel;

import java.nio.charset.StandardCharsets;

/**
 * What came over a channel.
 *
 * @param isText whether the peer sent a string; its UTF-8 is not checked
 * @param data the bytes, the receiver's own from now on
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Message(boolean isText, byte[] data) {
    /** The text; what is no UTF-8 is replaced. */
    public String text() {
        return new String(data, StandardCharsets.UTF_8);
    }
}
