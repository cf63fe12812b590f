package dev.peerline.turn.server;

/** Names that strangers chose, made fit for a log. */
public final class Names {
    private static final int MAX_CHARS = 64;

    private Names() {}

    /** Nothing but printable ASCII without {@code %}, quotes and backslashes, and not too long. */
    public static String clean(String name) {
        StringBuilder out = new StringBuilder(Math.min(name.length(), MAX_CHARS));
        for (int i = 0; i < name.length() && out.length() < MAX_CHARS; i++) {
            char c = name.charAt(i);
            boolean plain = c > ' ' && c < 0x7f && c != '%' && c != '"' && c != '\\' && c != '=';
            out.append(plain ? c : '_');
        }
        return out.toString();
    }
}
