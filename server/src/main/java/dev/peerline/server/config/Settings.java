package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What an option is when the command line does not say: {@code PEERLINE_*} from the environment,
 * else the config file, else the option's default. {@code --allow-origin} is {@code
 * PEERLINE_ALLOW_ORIGIN} and {@code allow-origin}.
 */
public final class Settings implements IDefaultValueProvider {
    /** Joins the values of a repeatable option; those options declare it as their {@code split}. */
    public static final String SEPARATOR = "\n";

    private static final String PREFIX = "PEERLINE_";

    /** Variables that are read elsewhere: by the launcher, and before the options are known. */
    private static final Set<String> NOT_OPTIONS =
            Set.of("PEERLINE_CONFIG", "PEERLINE_JAVA", "PEERLINE_JAVA_OPTS", "PEERLINE_NO_BUILD");

    /** They do something else than set a value. */
    private static final Set<String> NOT_SETTINGS = Set.of("help", "version", "config");

    private static final int MAX_MISTYPED = 2;

    private final Map<String, String> environment;
    private final ConfigFile file;

    public Settings(Map<String, String> environment, ConfigFile file) {
        this.environment = Map.copyOf(environment);
        this.file = file;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) return null;
        String key = key(option);
        if (NOT_SETTINGS.contains(key)) return null;
        String variable = environment.get(variable(key));
        if (variable != null)
            return option.isMultiValue()
                    ? String.join(SEPARATOR, variable.strip().split("\\s+", -1))
                    : variable.strip();
        List<String> values = file.values(key);
        if (values == null) return null;
        return option.isMultiValue() ? String.join(SEPARATOR, values) : values.getLast();
    }

    /** The environment that a command was started with. */
    public static Map<String, String> environment(CommandSpec spec) {
        return spec.defaultValueProvider() instanceof Settings settings
                ? settings.environment
                : Map.of();
    }

    /** The config file that a command goes by, or null. */
    public static @Nullable Path file(CommandSpec spec) {
        if (!(spec.defaultValueProvider() instanceof Settings settings)) return null;
        Path path = settings.file.path();
        return path.toString().isEmpty() ? null : path;
    }

    /** Where a value that was not on the command line came from, to be named in a complaint. */
    public @Nullable String source(OptionSpec option) {
        String key = key(option);
        if (NOT_SETTINGS.contains(key)) return null;
        if (environment.containsKey(variable(key))) return variable(key);
        return file.values(key) == null ? null : file.path().toString();
    }

    /** The option's name without dashes, as the config file has it. */
    public static String key(OptionSpec option) {
        return option.longestName().replaceFirst("^-+", "");
    }

    /** Whether an option may be set by the environment and the file. */
    public static boolean isSetting(String key) {
        return !NOT_SETTINGS.contains(key);
    }

    /** Variables that look like ours but are none: probably mistyped. Sentences, ready to print. */
    public List<String> unknownVariables(Collection<String> keys) {
        Set<String> known = new TreeSet<>(NOT_OPTIONS);
        keys.forEach(key -> known.add(variable(key)));
        List<String> sentences = new ArrayList<>();
        for (String name : new TreeSet<>(environment.keySet())) {
            if (!name.startsWith(PREFIX) || known.contains(name)) continue;
            String nearest = Nearest.to(name, known);
            // Others of that prefix may belong to whoever wraps this.
            if (Nearest.distance(name, nearest) <= MAX_MISTYPED)
                sentences.add(
                        "the variable %s is not used: did you mean %s?".formatted(name, nearest));
        }
        return sentences;
    }

    static String variable(String key) {
        return PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    }
}
