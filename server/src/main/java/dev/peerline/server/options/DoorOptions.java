package dev.peerline.server.options;

import dev.peerline.server.config.DurationConverter;
import dev.peerline.server.config.Origin;
import dev.peerline.server.config.Settings;
import dev.peerline.server.ice.IceServer;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Who may come in, and what they are told. */
public final class DoorOptions {
    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description =
                    "Secrets that sign tokens, one a line, at least 32 bytes; the first signs, all"
                            + " verify. With it, tokens are needed in every mode.")
    public @Nullable Path secretFile;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "Keeps mailboxes and sessions here, so that they outlive the server, a crash"
                            + " too. Default: in memory alone.")
    public @Nullable Path data;

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = Origin.Converter.class,
            description =
                    "Pages of this origin may use the server too; * is any. Default: none without"
                            + " a secret, any with one.")
    public List<Origin> allowOrigin = new ArrayList<>();

    @Option(
            names = "--open-demo",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "The page opens rooms without an invite, for an hour, under quotas.")
    public boolean openDemo;

    @Option(
            names = "--demo-faults",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "The page may ask for faults. Not with --public.")
    public boolean demoFaults;

    @Option(
            names = "--ice-server",
            paramLabel = "URL[,user=U,password=P|,secret-file=F]",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = IceServer.Converter.class,
            description =
                    "A STUN or TURN server for the peers. With a secret file (TURN REST), each"
                            + " peer gets credentials for an hour.")
    public List<IceServer> iceServers = new ArrayList<>();

    @Option(
            names = "--away",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long a peer without a connection is waited for. Default: 2m.")
    public Duration away = Duration.ofMinutes(2);
}
