package dev.peerline.fallback.link.ladder;

/** One carrier that is being opened, or is in use. Not thread-safe. */
final class Dialled {
    final int id;
    final Rung rung;

    /** It was begun because the present one was silent. */
    final boolean replaces;

    double at;

    /** A WebSocket's {@code HELLO} went out; NaN while it has not. */
    double openedAt = Double.NaN;

    double welcomedAt = Double.NaN;

    /** The server ended it for another that is not welcome yet; NaN while it has not. */
    double endedAt = Double.NaN;

    Dialled(int id, Rung rung, double at, boolean replaces) {
        this.id = id;
        this.rung = rung;
        this.at = at;
        this.replaces = replaces;
    }

    /** Whether the server may have read its {@code HELLO}. */
    boolean greets() {
        return !rung.isDuplex() || !Double.isNaN(openedAt);
    }

    boolean ended() {
        return !Double.isNaN(endedAt);
    }
}
