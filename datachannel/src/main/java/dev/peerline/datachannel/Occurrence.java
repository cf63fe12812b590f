package dev.peerline.datachannel;

import org.jspecify.annotations.Nullable;

/**
 * Something that happens once: its listener is told, whichever of the two comes first. Lives in the
 * tasks of a {@link Dispatcher}.
 */
final class Occurrence {
    private @Nullable Runnable listener;
    private boolean happened;
    private boolean told;

    void listener(Runnable next) {
        listener = next;
        tell();
    }

    void happen() {
        happened = true;
        tell();
    }

    private void tell() {
        if (!happened || told || listener == null) return;
        told = true;
        listener.run();
    }
}
