package dev.peerline.server;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Logs go to stderr, a line each: {@code 2025-01-01T00:00:00.000Z INFO ServeCommand port=8080}. Our
 * code logs through {@link System.Logger}; what libraries log ends here too.
 */
final class Logging {
    /** Libraries that announce their versions and configurations at INFO. */
    private static final List<String> CHATTY =
            List.of(
                    "io.undertow",
                    "org.xnio",
                    "org.jboss",
                    "org.jitsi",
                    "JitsiConfig",
                    "org.ice4j");

    /**
     * A library that warns of what its clients do wrong, with a trace each: they could fill disks.
     */
    private static final String ALARMIST = "io.grpc.netty";

    /** The log manager keeps loggers weakly: a level set on one that is collected is forgotten. */
    private static final List<Logger> HELD = new ArrayList<>();

    private Logging() {}

    /** Takes effect only before the first logger of the process is made. */
    static void install() {
        System.setProperty("java.util.logging.manager", Manager.class.getName());
        Handler handler = new ConsoleHandler();
        handler.setLevel(Level.ALL);
        handler.setFormatter(new OneLine());
        LogManager.getLogManager().getLogger("").addHandler(handler);
        for (String name : CHATTY) limit(name, Level.WARNING);
        limit(ALARMIST, Level.SEVERE);
    }

    private static void limit(String name, Level level) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(level);
        HELD.add(logger);
    }

    /** The stock manager drops its handlers when the process is told to stop: draining is mute. */
    public static final class Manager extends LogManager {
        @Override
        public void readConfiguration() {}

        @Override
        public void reset() {}
    }

    static final class OneLine extends Formatter {
        @Override
        public String format(LogRecord record) {
            String logger = String.valueOf(record.getLoggerName());
            StringBuilder line = new StringBuilder(120);
            line.append(record.getInstant().truncatedTo(ChronoUnit.MILLIS)).append(' ');
            line.append(record.getLevel().getName()).append(' ');
            line.append(logger.substring(logger.lastIndexOf('.') + 1)).append(' ');
            line.append(formatMessage(record)).append('\n');
            Throwable thrown = record.getThrown();
            if (thrown != null) {
                StringWriter trace = new StringWriter();
                thrown.printStackTrace(new PrintWriter(trace, true));
                line.append(trace);
            }
            return line.toString();
        }
    }
}
