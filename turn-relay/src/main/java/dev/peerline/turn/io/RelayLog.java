package dev.peerline.turn.io;

import dev.peerline.turn.server.Ground;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One line a notable event, and few of them under attack: of each kind at most 20 in ten seconds,
 * then how many there were. Addresses of people only at FINE. Thread-safe.
 */
public final class RelayLog {
    private static final Logger LOGGER = Logger.getLogger("dev.peerline.turn");
    private static final int LINES = 20;
    private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Throttle forbidden = new Throttle("forbidden");
    private final Throttle refused = new Throttle("refused");
    private final Throttle faults = new Throttle("loop-failed");
    private final Throttle binds = new Throttle("bind-failed");

    private static final class Throttle {
        private final String kind;
        private final AtomicLong windowEnd = new AtomicLong(System.nanoTime());
        private final AtomicInteger count = new AtomicInteger();

        Throttle(String kind) {
            this.kind = kind;
        }

        boolean admits() {
            long now = System.nanoTime();
            long end = windowEnd.get();
            if (now - end > 0 && windowEnd.compareAndSet(end, now + WINDOW_NANOS)) {
                int hidden = count.getAndSet(0) - LINES;
                if (hidden > 0) LOGGER.info(() -> "relay event=" + kind + " not-shown=" + hidden);
            }
            return count.getAndIncrement() < LINES;
        }
    }

    void note(Ground.Note note) {
        switch (note) {
            case Ground.Note.Allocated it ->
                    LOGGER.fine(
                            () ->
                                    "relay event=allocated user=%s client=%s relayed=%s"
                                            .formatted(it.account(), it.client(), it.relayed()));
            case Ground.Note.Ended it ->
                    LOGGER.fine(
                            () ->
                                    "relay event=ended user=%s relayed=%s why=%s"
                                            .formatted(it.account(), it.relayed(), it.why()));
            case Ground.Note.Forbidden it -> forbidden(it);
            case Ground.Note.Refused it -> {
                if (refused.admits()) {
                    LOGGER.info(
                            "relay event=refused user=%s code=%d why=\"%s\""
                                    .formatted(it.account(), it.code(), it.why()));
                }
            }
        }
    }

    private void forbidden(Ground.Note.Forbidden it) {
        if (!forbidden.admits()) return;
        LOGGER.info(
                "relay event=forbidden code=403 user=%s rule=%s mend=\"--allow-peer, if meant\""
                        .formatted(it.account(), it.rule()));
        LOGGER.fine(() -> "relay event=forbidden peer=" + it.peer());
    }

    void bindFailed(IOException e) {
        if (binds.admits()) {
            LOGGER.log(
                    Level.FINE, e, () -> "relay event=bind-failed why=\"" + e.getMessage() + '"');
        }
    }

    /** Something the operator should act on. */
    public void warn(String line) {
        LOGGER.warning(line);
    }

    public void info(String line) {
        LOGGER.info(line);
    }

    void failed(String loop, Throwable e) {
        if (!faults.admits()) return;
        LOGGER.log(Level.SEVERE, e, () -> "relay event=loop-failed loop=" + loop);
    }
}
