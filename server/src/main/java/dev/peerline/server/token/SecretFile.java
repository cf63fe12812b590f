package dev.peerline.server.token;

import dev.peerline.server.config.BadUsage;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Secrets in a file, one a line. The first signs, all verify: to rotate, put a new one on top, and
 * take the old one out when its last token has ended.
 */
public final class SecretFile {
    private static final int MAX_SECRETS = 16;
    private static final int MAX_BYTES = 64 * 1024;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private SecretFile() {}

    /**
     * Reads the secrets of a file.
     *
     * @throws BadUsage when there are none, or one is too short; the message says what to do
     */
    public static List<Secret> read(Path file) throws BadUsage {
        if (!Files.isRegularFile(file) && !Files.exists(file))
            throw new BadUsage(
                    "There is no secret file %s: make one with \"openssl rand -base64 32 > %s\""
                            .formatted(file, file));
        List<Secret> secrets = new ArrayList<>();
        int number = 0;
        for (String line : lines(file)) {
            number++;
            if (line.isBlank()) continue;
            try {
                secrets.add(Secret.of(line));
            } catch (IllegalArgumentException problem) {
                throw new BadUsage("%s line %d: %s".formatted(file, number, problem.getMessage()));
            }
        }
        if (secrets.isEmpty()) throw new BadUsage("The secret file " + file + " is empty");
        if (secrets.size() > MAX_SECRETS)
            throw new BadUsage(
                    "The secret file %s has more than %d secrets".formatted(file, MAX_SECRETS));
        return List.copyOf(secrets);
    }

    private static List<String> lines(Path file) throws BadUsage {
        try {
            // A pipe, as in --secret-file <(pass show peerline), has no size.
            if (Files.isRegularFile(file) && Files.size(file) > MAX_BYTES)
                throw new BadUsage("The secret file " + file + " is larger than 64 KiB");
            return Files.readAllLines(file);
        } catch (MalformedInputException _) {
            throw new BadUsage("The secret file " + file + " is not UTF-8 text");
        } catch (IOException problem) {
            throw new BadUsage("Cannot read the secret file " + file + ": " + problem);
        }
    }

    /** Whether others than its owner can read the file; false where that cannot be told. */
    public static boolean othersMayRead(Path file) {
        try {
            Set<PosixFilePermission> set = Files.getPosixFilePermissions(file);
            return set.contains(PosixFilePermission.GROUP_READ)
                    || set.contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException _) {
            return false;
        }
    }

    /**
     * Makes a secret of 256 random bits in a new file that its owner alone can read. When another
     * process makes the file at the same time, the file that is there first stays.
     */
    public static void generate(Path file) throws IOException {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String line = Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n";
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) throw new IOException(file + " is no place for a file");
        Files.createDirectories(folder);
        // Written aside and linked, so that nobody ever reads half a secret.
        Path draft = folder.resolve("." + file.getFileName() + "." + ProcessHandle.current().pid());
        Files.deleteIfExists(draft);
        try {
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            Files.writeString(draft, line, StandardOpenOption.WRITE);
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException problem) {
            if (!Files.exists(file)) throw problem;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /**
     * Where the secret is kept when no file is named: the folder that systemd gives a service for
     * its state, else the user's.
     */
    public static Path defaultPlace(Map<String, String> environment) {
        String service = environment.get("STATE_DIRECTORY");
        if (service != null && !service.isBlank())
            return Path.of(service.split(":", 2)[0], "secret");
        String state = environment.get("XDG_STATE_HOME");
        Path base =
                state != null && !state.isBlank()
                        ? Path.of(state)
                        : Path.of(System.getProperty("user.home"), ".local", "state");
        return base.resolve("peerline").resolve("secret");
    }
}
