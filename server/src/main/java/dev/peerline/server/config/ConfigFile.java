package dev.peerline.server.config;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Options from a file of lines {@code key = value}. Keys are the options' names without the dashes;
 * a key may be repeated where the option may. Empty lines and those that begin with {@code #} say
 * nothing; there is no quoting and no escaping: a value is the rest of its line, trimmed.
 */
public final class ConfigFile {
    private final Path path;
    private final Map<String, List<String>> values;

    private ConfigFile(Path path, Map<String, List<String>> values) {
        this.path = path;
        this.values = values;
    }

    /** No file was named. */
    public static ConfigFile none() {
        return new ConfigFile(Path.of(""), Map.of());
    }

    /**
     * Reads a file.
     *
     * @param known every key that some command has
     * @throws BadUsage when it cannot be read, a line is no setting, or a key is unknown
     */
    public static ConfigFile read(Path path, Collection<String> known) throws BadUsage {
        Map<String, List<String>> values = new LinkedHashMap<>();
        int number = 0;
        for (String line : lines(path)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) continue;
            String place = path + " line " + number + ": ";
            int equals = text.indexOf('=');
            if (equals <= 0) throw new BadUsage(place + "expected \"key = value\"");
            String key = text.substring(0, equals).strip();
            if (!known.contains(key)) throw new BadUsage(place + unknown(key, known));
            values.computeIfAbsent(key, _ -> new ArrayList<>())
                    .add(text.substring(equals + 1).strip());
        }
        return new ConfigFile(path, values);
    }

    private static List<String> lines(Path path) throws BadUsage {
        try {
            return Files.readAllLines(path);
        } catch (NoSuchFileException _) {
            throw new BadUsage("There is no config file " + path);
        } catch (MalformedInputException _) {
            throw new BadUsage("The config file " + path + " is not UTF-8 text");
        } catch (IOException problem) {
            throw new BadUsage("Cannot read the config file " + path + ": " + problem);
        }
    }

    private static String unknown(String key, Collection<String> known) {
        String bare = key.startsWith("--") ? key.substring(2) : key;
        return "unknown key \"%s\": did you mean \"%s\"?".formatted(key, Nearest.to(bare, known));
    }

    /** All values of a key, in their order; null when the file does not have it. */
    public @Nullable List<String> values(String key) {
        return values.get(key);
    }

    public Path path() {
        return path;
    }
}
