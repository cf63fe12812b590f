package dev.peerline.server;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Commands of parts that this build does not have: they are there, and say so. */
final class LaterCommands {
    private LaterCommands() {}

    /** Takes any arguments, and fails. */
    abstract static class Later implements Callable<Integer> {
        @Spec private CommandSpec spec;

        @Option(
                names = {"-h", "--help"},
                usageHelp = true,
                description = "Show this help.")
        boolean help;

        @Unmatched List<String> arguments = new ArrayList<>();

        Later() {
            this.spec = CommandSpec.create();
        }

        @Override
        public Integer call() {
            spec.commandLine()
                    .getErr()
                    .println("peerline: " + spec.name() + " is not in this build");
            return ExitCode.SOFTWARE;
        }
    }

    @Command(name = "doctor", description = "(not in this build) Checks what usually goes wrong.")
    static final class Doctor extends Later {}
}
