package dev.peerline.server;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.DurationConverter;
import dev.peerline.server.config.Settings;
import dev.peerline.server.options.TopicOptions;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Names;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.SecretFile;
import dev.peerline.server.token.Tokens;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Mints a token from the secret of a server; the server need not run. */
@Command(
        name = "token",
        description = "Mints a token, and prints it alone.",
        sortOptions = false,
        versionProvider = Main.Version.class)
final class TokenCommand implements Callable<Integer> {
    @Option(names = "--room", paramLabel = "ROOM", description = "The room to join; * is any.")
    @Nullable String room;

    @Option(names = "--name", paramLabel = "NAME", description = "What its holder is called.")
    @Nullable String name;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long it is good for: 90s, 30m, 1h, 7d. Default: 1h.")
    Duration ttl = Duration.ofHours(1);

    @Option(
            names = "--subscribe",
            paramLabel = "PATTERN",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = TopicOptions.Pattern.class,
            description = "Topics that it may read.")
    List<String> subscribe = new ArrayList<>();

    @Option(
            names = "--publish",
            paramLabel = "PATTERN",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = TopicOptions.Pattern.class,
            description = "Topics that it may publish to.")
    List<String> publish = new ArrayList<>();

    @Option(
            names = "--invite",
            paramLabel = "BASE",
            description = "Print a link to the room too, for the server at this URL.")
    @Nullable String invite;

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description = "The server's secrets. Default: where serve --public keeps its own.")
    @Nullable Path secretFile;

    @Mixin CommonOptions common = new CommonOptions();

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        check();
        Instant expires = Instant.now().plus(ttl);
        // exp has whole seconds; rounded up, a token of 1 s is good for 1 s.
        Instant whole = Instant.ofEpochSecond(expires.plusNanos(999_999_999).getEpochSecond());
        Tokens tokens = new Tokens(secrets(), InstantSource.system());
        String token = tokens.mint(new Claims(room, name, subscribe, publish, whole));
        PrintWriter out = spec.commandLine().getOut();
        out.println(token);
        if (invite != null)
            out.println(invite.replaceFirst("/+$", "") + "/" + room + "#token=" + token);
        out.flush();
        return 0;
    }

    private List<Secret> secrets() {
        Path place =
                secretFile != null
                        ? secretFile
                        : SecretFile.defaultPlace(Settings.environment(spec));
        if (secretFile == null && !Files.exists(place))
            throw usage(
                    "There is no secret at "
                            + place
                            + ": name one with --secret-file, or let serve --public make it");
        try {
            return SecretFile.read(place);
        } catch (BadUsage problem) {
            throw usage(problem.sentence());
        }
    }

    private void check() {
        if (room == null && subscribe.isEmpty() && publish.isEmpty())
            throw usage("Say what the token allows: --room, --subscribe or --publish");
        if (room != null && !room.equals(Claims.ANY_ROOM) && !Names.isRoom(room))
            throw usage(
                    "\"%s\" is no room: 1 to 64 letters, digits, - and _, none of %s"
                            .formatted(room, String.join(" ", Names.RESERVED)));
        if (name != null && (name.isBlank() || !Names.isName(name)))
            throw usage("--name needs 1 to " + Names.MAX_NAME_CHARACTERS + " characters");
        if (invite == null) return;
        if (room == null || room.equals(Claims.ANY_ROOM))
            throw usage("--invite needs one --room that the link leads to");
        if (!isBase(invite))
            throw usage(
                    "\"" + invite + "\" is no base URL: write https://host or http://host:8080");
    }

    private static boolean isBase(String text) {
        try {
            URI url = URI.create(text);
            boolean http = "http".equals(url.getScheme()) || "https".equals(url.getScheme());
            return http
                    && url.getHost() != null
                    && url.getFragment() == null
                    && url.getQuery() == null;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
