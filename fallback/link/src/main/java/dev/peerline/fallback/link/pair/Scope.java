package dev.peerline.fallback.link.pair;

/** For whom the numbers of a channel are. */
public enum Scope {
    /** One sequence for everybody in the room: one upload, however many peers. */
    ROOM(0),
    /** A sequence for one receiver alone. */
    PEER(1);

    private final int number;

    Scope(int number) {
        this.number = number;
    }

    /** As {@code RESUME} and {@code LOOSE} say it. */
    int number() {
        return number;
    }

    static Scope of(long number) {
        return number == 0 ? ROOM : PEER;
    }
}
