package dev.peerline.sdk;

import java.util.ArrayList;
import java.util.List;

/** One id of a tale, and all its lives: a page that is loaded again, or leaves and comes back. */
final class Person {
    final String name;

    /** The oldest first. */
    final List<SimulatedRoom> lives = new ArrayList<>();

    /** It is leaving, or has left. */
    boolean absent;

    /** Whether it ever left: what was for it then is missed. */
    boolean departed;

    Person(String name) {
        this.name = name;
    }

    SimulatedRoom life() {
        return lives.getLast();
    }

    /** Whether it can say something to somebody. */
    boolean talks() {
        RoomCore core = life().core;
        return !absent && core.me() != null && !core.peers().isEmpty();
    }

    boolean reloaded() {
        return lives.size() > 1;
    }
}
