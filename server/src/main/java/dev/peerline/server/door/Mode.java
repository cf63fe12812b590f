package dev.peerline.server.door;

import java.util.Locale;

/** Whom a server is there for. */
public enum Mode {
    /** This machine. */
    LOOPBACK,
    /** This machine and its private networks. */
    LAN,
    /** Everybody who has a token. */
    PUBLIC;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
