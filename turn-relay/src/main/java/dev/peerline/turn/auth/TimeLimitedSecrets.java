package dev.peerline.turn.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Credentials of the TURN REST convention: the name is {@code expiry:account} (Unix seconds), the
 * password the Base64 of HMAC-SHA1 over the name with a secret that the web server shares. Several
 * secrets are good at once, so that they can be changed without a gap. Immutable.
 */
public final class TimeLimitedSecrets implements Credentials {
    /** Each costs an attacker's request one HMAC more. */
    private static final int MAX_SECRETS = 8;

    private final List<String> secrets;

    /**
     * @param secrets newest first, at most 8
     */
    public TimeLimitedSecrets(List<String> secrets) {
        if (secrets.isEmpty() || secrets.size() > MAX_SECRETS) {
            throw new IllegalArgumentException("secrets: 1-" + MAX_SECRETS + ": " + secrets.size());
        }
        this.secrets = List.copyOf(secrets);
    }

    /** The password for a name, by the newest secret: for who hands out credentials. */
    public String password(String username) {
        return password(secrets.getFirst(), username);
    }

    private static String password(String secret, String username) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            byte[] digest = mac.doFinal(username.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has HmacSHA1", e);
        }
    }

    @Override
    public List<String> passwords(String username, long epochSeconds) {
        long expiry = expiry(username);
        return expiry > epochSeconds ? all(username) : List.of();
    }

    @Override
    public List<String> passwordsToGoOn(String username, long epochSeconds) {
        return expiry(username) > 0 ? all(username) : List.of();
    }

    private List<String> all(String username) {
        return secrets.stream().map(secret -> password(secret, username)).toList();
    }

    /** Unix seconds, or 0 if the name is not of this kind. */
    private static long expiry(String username) {
        int colon = username.indexOf(':');
        String digits = colon < 0 ? username : username.substring(0, colon);
        if (digits.isEmpty() || digits.length() > 18) return 0;
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9) return 0;
            value = 10 * value + digit;
        }
        return value;
    }

    @Override
    public String account(String username) {
        int colon = username.indexOf(':');
        return expiry(username) > 0 && colon >= 0 ? username.substring(colon + 1) : username;
    }
}
