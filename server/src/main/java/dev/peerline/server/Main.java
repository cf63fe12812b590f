package dev.peerline.server;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.util.Properties;

/**
 * The command line. Exit codes: 0 ok, 1 failed, 2 bad usage; the last two with one line on stderr
 * that says what and how.
 */
@Command(
        name = "peerline",
        description = "Messages between browsers and processes, over the best path there is.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        subcommands = ServeCommand.class)
public final class Main implements Runnable {
    @Spec private CommandSpec spec;

    public static void main(String[] args) {
        Logging.install();
        System.exit(run(args));
    }

    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setParameterExceptionHandler(Main::badUsage)
                .setExecutionExceptionHandler(Main::failed);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command");
    }

    private static int badUsage(ParameterException problem, String[] args) {
        CommandLine command = problem.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        say(command.getErr(), problem.getMessage() + " (see " + name + " --help)");
        return ExitCode.USAGE;
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
            Properties properties = new Properties();
            try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
                if (in == null)
                    throw new AssertionError("version.properties is not on the class path");
                properties.load(in);
            }
            return new String[] {"peerline " + properties.getProperty("version")};
        }
    }
}
