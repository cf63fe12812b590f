package dev.peerline.datachannel.ice;

import java.security.SecureRandom;

/** Makes parameters that nobody guesses. */
final class Credentials {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ICE_CHARS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /** 48 and 144 bits; RFC 8445 §5.3 asks for 24 and 128. */
    private static final int FRAGMENT_CHARS = 8;

    private static final int PASSWORD_CHARS = 24;

    private Credentials() {}

    static IceParameters parameters() {
        return new IceParameters(random(FRAGMENT_CHARS), random(PASSWORD_CHARS));
    }

    static long tieBreaker() {
        return RANDOM.nextLong();
    }

    private static String random(int chars) {
        StringBuilder text = new StringBuilder(chars);
        for (int i = 0; i < chars; i++) text.append(ICE_CHARS.charAt(RANDOM.nextInt(64)));
        return text.toString();
    }
}
