package dev.peerline.turn.auth;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Stream;

/** Where passwords come from. Implementations are thread-safe and do not block. */
public interface Credentials {
    /** The passwords that are good for this name now, newest first; empty if there is none. */
    List<String> passwords(String username, long epochSeconds);

    /**
     * Passwords for an allocation that was made with this name before: a time-limited name that has
     * run out since may go on, one that was taken away may not.
     */
    default List<String> passwordsToGoOn(String username, long epochSeconds) {
        return passwords(username, epochSeconds);
    }

    /** What quotas go by. */
    default String account(String username) {
        return username;
    }

    /** The name behind a USERHASH (RFC 8489 §14.4), or null. */
    default @Nullable String usernameOf(byte[] userHash, String realm) {
        return null;
    }

    /** Whether all names can be found by their USERHASH, so that clients may be told to use it. */
    default boolean knowsUserHashes() {
        return false;
    }

    /** Asks each in turn. */
    static Credentials anyOf(List<Credentials> sources) {
        List<Credentials> all = List.copyOf(sources);
        if (all.size() == 1) return all.getFirst();
        return new Credentials() {
            @Override
            public List<String> passwords(String username, long epochSeconds) {
                return all.stream()
                        .flatMap(it -> it.passwords(username, epochSeconds).stream())
                        .toList();
            }

            @Override
            public List<String> passwordsToGoOn(String username, long epochSeconds) {
                return all.stream()
                        .flatMap(it -> it.passwordsToGoOn(username, epochSeconds).stream())
                        .toList();
            }

            @Override
            public String account(String username) {
                return all.stream()
                        .map(it -> it.account(username))
                        .filter(it -> !it.equals(username))
                        .findFirst()
                        .orElse(username);
            }

            @Override
            public @Nullable String usernameOf(byte[] userHash, String realm) {
                return all.stream()
                        .flatMap(it -> Stream.ofNullable(it.usernameOf(userHash, realm)))
                        .findFirst()
                        .orElse(null);
            }

            @Override
            public boolean knowsUserHashes() {
                return all.stream().allMatch(Credentials::knowsUserHashes);
            }
        };
    }
}
