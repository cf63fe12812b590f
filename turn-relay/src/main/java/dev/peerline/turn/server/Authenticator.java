package dev.peerline.turn.server;

import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunReader;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.auth.Credentials;
import dev.peerline.turn.auth.Nonces;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The long-term credential mechanism (RFC 8489 §9.2.4), for clients of RFC 5389 as well. Keeps
 * nothing about anybody. Not thread-safe.
 */
final class Authenticator {
    /** RFC 8489 §14.3: a USERNAME has at most 508 bytes. */
    private static final int MAX_NAME_BYTES = 508;

    private final LoopState loop;
    private final StunIntegrity integrity;
    private final Nonces nonces;

    /** A key that nobody has: names that do not exist cost the same time as those that do. */
    private final byte[] decoy = new byte[16];

    Authenticator(LoopState loop, StunIntegrity integrity, Nonces nonces) {
        this.loop = loop;
        this.integrity = integrity;
        this.nonces = nonces;
        loop.random.nextBytes(decoy);
    }

    /**
     * @param error 0, or the code to refuse with
     * @param owner who it is, if there is no error
     */
    record Verdict(int error, Allocation.@Nullable Owner owner) {
        private static final Verdict CHALLENGE = new Verdict(401, null);
        private static final Verdict STALE = new Verdict(438, null);
        private static final Verdict BAD_REQUEST = new Verdict(400, null);
    }

    /**
     * @param allocation of this 5-tuple, whose credential then goes on
     */
    Verdict check(StunReader request, Client client, @Nullable Allocation allocation) {
        boolean sha256 = request.has(StunAttribute.MESSAGE_INTEGRITY_SHA256);
        if (!sha256 && !request.has(StunAttribute.MESSAGE_INTEGRITY)) return Verdict.CHALLENGE;

        int realm = request.find(StunAttribute.REALM);
        int nonce = request.find(StunAttribute.NONCE);
        int name = request.find(StunAttribute.USERNAME);
        int hash = request.find(StunAttribute.USERHASH);
        if (realm < 0 || nonce < 0 || (name < 0 && hash < 0)) return Verdict.BAD_REQUEST;

        byte[] nonceValue = request.value(nonce);
        boolean fresh =
                nonces.isValid(
                        nonceValue,
                        client.remote(),
                        loop.epochSeconds,
                        Limits.NONCE_LIFETIME_SECONDS);
        if (!fresh) return Verdict.STALE;
        PasswordAlgorithm algorithm = algorithm(request, nonceValue);
        if (algorithm == null) return Verdict.BAD_REQUEST;
        if (!loop.settings().realm().equals(request.text(realm))) return Verdict.CHALLENGE;

        StunIntegrity.Kind kind = sha256 ? StunIntegrity.Kind.SHA256 : StunIntegrity.Kind.SHA1;
        String username = username(request, name, hash);
        return verify(request, username, allocation, new Means(algorithm, kind));
    }

    private record Means(PasswordAlgorithm algorithm, StunIntegrity.Kind kind) {}

    private @Nullable String username(StunReader request, int name, int hash) {
        if (name >= 0) {
            return request.valueLength(name) <= MAX_NAME_BYTES ? request.text(name) : null;
        }
        Settings settings = loop.settings();
        return settings.credentials().usernameOf(request.value(hash), settings.realm());
    }

    private Verdict verify(
            StunReader request,
            @Nullable String username,
            @Nullable Allocation allocation,
            Means means) {
        Settings settings = loop.settings();
        Credentials credentials = settings.credentials();
        List<String> passwords = List.of();
        if (username != null) {
            boolean goesOn = allocation != null && allocation.owner().username().equals(username);
            passwords =
                    goesOn
                            ? credentials.passwordsToGoOn(username, loop.epochSeconds)
                            : credentials.passwords(username, loop.epochSeconds);
        }
        for (String password : passwords) {
            byte[] key = means.algorithm.key(String.valueOf(username), settings.realm(), password);
            if (integrity.verify(means.kind, request, key)) {
                String name = String.valueOf(username);
                Allocation.Secret secret = new Allocation.Secret(key, means.kind);
                return new Verdict(
                        0, new Allocation.Owner(name, credentials.account(name), secret));
            }
        }
        if (passwords.isEmpty()) integrity.verify(means.kind, request, decoy);
        loop.counters.increment(Counter.WRONG_CREDENTIALS);
        return Verdict.CHALLENGE;
    }

    /** The algorithm a client chose, or null if somebody tampered with the choice (§9.2.4). */
    private static @Nullable PasswordAlgorithm algorithm(StunReader request, byte[] nonce) {
        int offered = request.find(StunAttribute.PASSWORD_ALGORITHMS);
        int chosen = request.find(StunAttribute.PASSWORD_ALGORITHM);
        boolean cookie = (Math.max(0, Nonces.features(nonce)) & Nonces.PASSWORD_ALGORITHMS) != 0;
        if (!cookie || (offered < 0 && chosen < 0)) return PasswordAlgorithm.MD5;
        if (offered < 0 || chosen < 0 || !isOurOffer(request, offered)) return null;
        if (request.valueLength(chosen) < 4) return null;
        int number = request.buffer().getInt(request.valueOffset(chosen)) >>> 16;
        for (PasswordAlgorithm algorithm : Answers.ALGORITHMS) {
            if (algorithm.number() == number) return algorithm;
        }
        return null;
    }

    private static boolean isOurOffer(StunReader request, int offered) {
        if (request.valueLength(offered) != 4 * Answers.ALGORITHMS.length) return false;
        for (int i = 0; i < Answers.ALGORITHMS.length; i++) {
            int word = request.buffer().getInt(request.valueOffset(offered) + 4 * i);
            if (word != Answers.ALGORITHMS[i].number() << 16) return false;
        }
        return true;
    }
}
