package dev.peerline.server.relay;

import dev.peerline.server.config.BadUsage;
import dev.peerline.server.options.RelayDoorOptions;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.SecretFile;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.auth.StaticUsers;
import dev.peerline.turn.auth.TimeLimitedSecrets;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Who may allocate.
 *
 * @param named how many users have a name and a password
 * @param secretPlace where the secrets are; null where there are users alone
 * @param generated whether the secret was made just now
 */
record RelayUsers(
        Credentials credentials,
        int named,
        @Nullable Path usersPlace,
        @Nullable Path secretPlace,
        boolean generated) {
    /** Each costs a stranger's request one hash more. */
    private static final int MAX_SECRETS = 8;

    private static final long MAX_USERS_BYTES = 16L * 1024 * 1024;

    static RelayUsers of(RelayDoorOptions door, Map<String, String> environment)
            throws BadUsage, IOException {
        List<String> lines = new ArrayList<>();
        if (door.usersFile != null) lines.addAll(lines(door.usersFile));
        lines.addAll(door.users);
        Path place = door.secretFile;
        boolean generated = false;
        if (place == null && door.users.isEmpty() && door.usersFile == null) {
            place = SecretFile.defaultPlace(environment).resolveSibling("relay-secret");
            generated = !Files.exists(place);
            if (generated) SecretFile.generate(place);
        }
        List<Credentials> sources = new ArrayList<>();
        int named = users(lines, sources);
        if (place != null) sources.add(new TimeLimitedSecrets(secrets(place)));
        if (sources.isEmpty())
            throw new BadUsage(
                    "The users file %s has no user: write NAME:PASSWORD".formatted(door.usersFile));
        return new RelayUsers(Credentials.anyOf(sources), named, door.usersFile, place, generated);
    }

    private static int users(List<String> lines, List<Credentials> sources) throws BadUsage {
        List<String> users = lines.stream().filter(line -> !isRemark(line)).toList();
        if (users.isEmpty()) return 0;
        try {
            sources.add(StaticUsers.parse(users));
        } catch (IllegalArgumentException _) {
            // Not repeated: a password may be all there is
            throw new BadUsage("A user is written NAME:PASSWORD, with neither part empty");
        }
        return users.size();
    }

    private static boolean isRemark(String line) {
        return line.isBlank() || line.strip().startsWith("#");
    }

    private static List<String> lines(Path file) throws BadUsage {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > MAX_USERS_BYTES)
                throw new BadUsage("The users file " + file + " is larger than 16 MiB");
            return Files.readAllLines(file);
        } catch (NoSuchFileException _) {
            throw new BadUsage("There is no users file " + file);
        } catch (MalformedInputException _) {
            throw new BadUsage("The users file " + file + " is not UTF-8 text");
        } catch (IOException problem) {
            throw new BadUsage("Cannot read the users file " + file + ": " + problem);
        }
    }

    private static List<String> secrets(Path place) throws BadUsage {
        List<Secret> secrets = SecretFile.read(place);
        if (secrets.size() > MAX_SECRETS)
            throw new BadUsage(
                    "The secret file %s has more than %d secrets".formatted(place, MAX_SECRETS));
        return secrets.stream().map(Secret::text).toList();
    }

    List<Path> files() {
        return Stream.of(usersPlace, secretPlace).flatMap(Stream::ofNullable).toList();
    }
}
