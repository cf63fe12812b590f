package dev.peerline.server.options;

import dev.peerline.server.config.AddressConverter;
import dev.peerline.server.config.Numbers;
import dev.peerline.server.config.Settings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The relay inside of {@code serve}. */
public final class TurnOptions {
    /** Where it is looked for when nothing else is said. */
    public static final int DEFAULT_PORT = 3478;

    @Option(
            names = "--turn-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "STUN and TURN, UDP and TCP; 0 is any free one. Default: 3478, without --public"
                            + " another where that is taken.")
    public @Nullable Integer turnPort;

    @Option(
            names = "--no-relay",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Do without a relay.")
    public boolean noRelay;

    @Option(
            names = "--turn-listen",
            paramLabel = "ADDRESS",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = AddressConverter.class,
            description = "Addresses of the relay. Default: by the mode, whatever --listen says.")
    public List<InetAddress> turnListen = new ArrayList<>();
}
