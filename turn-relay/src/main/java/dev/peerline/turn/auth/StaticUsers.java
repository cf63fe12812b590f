package dev.peerline.turn.auth;

import dev.peerline.net.stun.PasswordAlgorithm;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Names and passwords that do not change with time (long-term credentials). Immutable. */
public final class StaticUsers implements Credentials {
    private final Map<String, String> passwordOf;

    /** Names by hash, for each realm that was asked about (in practice one). */
    private final Map<String, Map<ByteBuffer, String>> byHash = new ConcurrentHashMap<>();

    public StaticUsers(Map<String, String> passwordOf) {
        this.passwordOf = Map.copyOf(passwordOf);
    }

    /**
     * Reads {@code name:password}, one a line; blank lines and those that begin with {@code #} are
     * left out.
     *
     * @throws IllegalArgumentException naming the line that has no colon
     */
    public static StaticUsers parse(List<String> lines) {
        Map<String, String> users = new HashMap<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) continue;
            int colon = line.indexOf(':');
            if (colon <= 0 || colon == line.length() - 1) {
                throw new IllegalArgumentException(
                        "users: line " + (i + 1) + " is not name:password");
            }
            users.put(line.substring(0, colon), line.substring(colon + 1));
        }
        return new StaticUsers(users);
    }

    @Override
    public List<String> passwords(String username, long epochSeconds) {
        String password = passwordOf.get(username);
        return password == null ? List.of() : List.of(password);
    }

    @Override
    public @Nullable String usernameOf(byte[] userHash, String realm) {
        return byHash.computeIfAbsent(realm, this::hashes).get(ByteBuffer.wrap(userHash));
    }

    private Map<ByteBuffer, String> hashes(String realm) {
        Map<ByteBuffer, String> names = new HashMap<>();
        for (String name : passwordOf.keySet()) {
            names.put(ByteBuffer.wrap(PasswordAlgorithm.userHash(name, realm)), name);
        }
        return Map.copyOf(names);
    }

    @Override
    public boolean knowsUserHashes() {
        return true;
    }
}
