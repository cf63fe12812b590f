package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/** Who begins the DTLS handshake ({@code a=setup}, RFC 4145 §4, RFC 8842 §5). */
public enum Setup {
    ACTIVE,
    PASSIVE,
    /** The answerer may choose. */
    ACTPASS;

    static @Nullable Setup parse(String text) {
        for (Setup setup : values()) if (setup.toString().equals(text.strip())) return setup;
        return null;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
