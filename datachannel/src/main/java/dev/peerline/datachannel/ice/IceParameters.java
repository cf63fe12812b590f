package dev.peerline.datachannel.ice;

import java.util.regex.Pattern;

/**
 * What authenticates the checks of one side of a session (RFC 8839 §5.4).
 *
 * @param usernameFragment 4 to 256 ice-chars
 * @param password 22 to 256 ice-chars
 */
public record IceParameters(String usernameFragment, String password) {
    private static final Pattern UFRAG = Pattern.compile("[A-Za-z0-9+/]{4,256}");
    private static final Pattern PASSWORD = Pattern.compile("[A-Za-z0-9+/]{22,256}");

    public IceParameters {
        if (!UFRAG.matcher(usernameFragment).matches()) {
            throw new IllegalArgumentException(
                    "usernameFragment: 4 to 256 of A-Z a-z 0-9 + /, not " + usernameFragment);
        }
        if (!PASSWORD.matcher(password).matches()) {
            throw new IllegalArgumentException("password: 22 to 256 of A-Z a-z 0-9 + /");
        }
    }

    /** Whether these could be parameters: what an offer says is checked before it is believed. */
    public static boolean areValid(String usernameFragment, String password) {
        return UFRAG.matcher(usernameFragment).matches() && PASSWORD.matcher(password).matches();
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "IceParameters " + usernameFragment;
    }
}
