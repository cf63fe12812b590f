package dev.peerline.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.peerline.server.bench.BenchCommand;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.ConfigFile;
import dev.peerline.server.config.Nearest;
import dev.peerline.server.config.Settings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The command line. Exit codes: 0 ok, 1 failed, 2 bad usage; the last two with one line on stderr
 * that says what and how.
 */
@Command(
        name = "peerline",
        description = "Messages between browsers and processes, over the best path there is.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = {
            ServeCommand.class,
            TokenCommand.class,
            RelayCommand.class,
            PeerCommand.class,
            PushCommand.class,
            LaterCommands.Doctor.class,
            BenchCommand.class
        })
public final class Main implements Runnable {
    @Spec private CommandSpec spec;

    Main() {
        this.spec = CommandSpec.create();
    }

    public static void main(String[] args) {
        Logging.install();
        PrintWriter out = new PrintWriter(System.out, true, UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, UTF_8);
        System.exit(run(System.getenv(), out, err, args));
    }

    /** Runs one command; what {@code main} does, apart from the process around it. */
    static int run(
            Map<String, String> environment, PrintWriter out, PrintWriter err, String... args) {
        try {
            return commandLine(environment, out, err, args).execute(args);
        } catch (BadUsage problem) {
            say(err, problem.sentence());
            return ExitCode.USAGE;
        }
    }

    /** The commands, with their defaults from environment and config file. */
    static CommandLine commandLine(
            Map<String, String> environment, PrintWriter out, PrintWriter err, String... args)
            throws BadUsage {
        CommandLine line = new CommandLine(new Main()).setOut(out).setErr(err);
        CommandLine serve = line.getSubcommands().get("serve");
        if (serve != null) Help.group(serve.getCommandSpec(), ServeCommand.GROUPS);
        CommandLine relay = line.getSubcommands().get("relay");
        if (relay != null) Help.group(relay.getCommandSpec(), RelayCommand.GROUPS);
        SortedSet<String> keys = keys(line);
        Path path = configPath(environment, args);
        ConfigFile file = path == null ? ConfigFile.none() : ConfigFile.read(path, keys);
        Settings settings = new Settings(environment, file);
        settings.unknownVariables(keys).forEach(warning -> say(err, warning));
        return line.setDefaultValueProvider(settings)
                .setParameterExceptionHandler((problem, _) -> badUsage(problem, settings))
                .setExecutionExceptionHandler(Main::failed);
    }

    /** The keys of a config file: the options of all commands, so that one file serves them all. */
    private static SortedSet<String> keys(CommandLine line) {
        SortedSet<String> keys = new TreeSet<>();
        for (CommandLine command : line.getSubcommands().values())
            for (OptionSpec option : command.getCommandSpec().options())
                if (Settings.isSetting(Settings.key(option))) keys.add(Settings.key(option));
        return keys;
    }

    /** Found before all else is parsed, since what it holds are defaults of the parsing. */
    private static @Nullable Path configPath(Map<String, String> environment, String... args) {
        String path = environment.get("PEERLINE_CONFIG");
        for (int index = 0; index < args.length; index++) {
            if (args[index].startsWith("--config=")) path = args[index].substring(9);
            else if (args[index].equals("--config") && index + 1 < args.length)
                path = args[index + 1];
        }
        return path == null || path.isBlank() ? null : Path.of(path);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    private static int badUsage(ParameterException problem, Settings settings) {
        CommandLine command = problem.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String help = meant(problem) + source(problem, settings) + " (see " + name + " --help)";
        say(command.getErr(), problem.getMessage() + help);
        return ExitCode.USAGE;
    }

    /** What an unknown option or command was probably meant to be. */
    private static String meant(ParameterException problem) {
        if (!(problem instanceof UnmatchedArgumentException unmatched)) return "";
        String first = unmatched.getUnmatched().getFirst();
        CommandLine command = problem.getCommandLine();
        Set<String> known =
                first.startsWith("-")
                        ? command.getCommandSpec().optionsMap().keySet()
                        : command.getSubcommands().keySet();
        if (known.isEmpty()) return "";
        return ": did you mean " + Nearest.to(first.split("=", 2)[0], known) + "?";
    }

    /** Where a bad value stands that is not on the command line. */
    private static String source(ParameterException problem, Settings settings) {
        boolean elsewhere =
                problem.getArgSpec() instanceof OptionSpec option
                        && !problem.getCommandLine().getParseResult().hasMatchedOption(option);
        if (!elsewhere || !(problem.getArgSpec() instanceof OptionSpec option)) return "";
        String place = settings.source(option);
        return place == null ? "" : " (from " + place + ")";
    }

    private static int failed(
            Exception problem, CommandLine command, CommandLine.ParseResult parsed) {
        String message = problem.getMessage();
        say(command.getErr(), message == null ? problem.toString() : message);
        return ExitCode.SOFTWARE;
    }

    private static void say(PrintWriter err, String line) {
        err.println("peerline: " + line.replaceAll("\\R+", " "));
        err.flush();
    }

    /** The version the build gave. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            return new String[] {"peerline " + number()};
        }

        static String number() throws IOException {
            Properties properties = new Properties();
            try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
                if (in == null)
                    throw new AssertionError("version.properties is not on the class path");
                properties.load(in);
            }
            return properties.getProperty("version", "?");
        }
    }
}
