package dev.peerline.datachannel.ice;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps ice4j and what it is built on from telling their configuration, and each step of each
 * check, on the console of whoever uses this. Whoever wants to read that sets the loggers' levels.
 */
final class Ice4jLogs {
    /** Held, because the log manager holds them weakly. */
    private static final List<Logger> LOGGERS =
            List.of(
                    Logger.getLogger("org.ice4j"),
                    Logger.getLogger("org.jitsi"),
                    Logger.getLogger("JitsiConfig"));

    static {
        for (Logger logger : LOGGERS) if (logger.getLevel() == null) logger.setLevel(Level.SEVERE);
    }

    private Ice4jLogs() {}

    /** To be called before the first of ice4j's classes is loaded: it is loading that they tell. */
    static void quieten() {}
}
