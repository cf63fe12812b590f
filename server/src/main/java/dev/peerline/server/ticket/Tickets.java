package dev.peerline.server.ticket;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Sealed tickets (AES-256-GCM): each holds what a client would have said in a header, reads one
 * resource, and is over after five minutes. The server remembers none of them; whoever finds one in
 * a URL can neither read what is in it nor use it for anything else. Thread-safe.
 */
public final class Tickets {
    public static final Duration LIFE = Duration.ofMinutes(5);

    /** What the keys are derived for; see {@code Tokens.keys}. */
    public static final String PURPOSE = "peerline ticket 1";

    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int KEY_BITS = 256;

    /** NIST SP 800-38D §8.2.2: 96 random bits are good for 2^32 tickets of one key. */
    private static final int NONCE_BYTES = 12;

    private static final int TAG_BITS = 128;

    private final List<SecretKey> keys;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /** A ticket and its end. */
    public record Ticket(String text, long expiresAtMillis) {}

    /**
     * @param keys the first seals, all open; none for a random one that lives as long as this
     *     process
     */
    public Tickets(List<SecretKey> keys, InstantSource clock) {
        this.keys = keys.isEmpty() ? List.of(randomKey()) : List.copyOf(keys);
        this.clock = clock;
    }

    private static SecretKey randomKey() {
        try {
            KeyGenerator generator = KeyGenerator.getInstance("AES");
            generator.init(KEY_BITS);
            return generator.generateKey();
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /**
     * Seals what a client says.
     *
     * @param resource the path that it may read with it
     */
    public Ticket seal(String resource, byte[] content) {
        long expiresAtMillis = clock.millis() + LIFE.toMillis();
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        ByteBuffer plain =
                ByteBuffer.allocate(Long.BYTES + content.length)
                        .putLong(expiresAtMillis)
                        .put(content);
        try {
            byte[] sealed =
                    cipher(Cipher.ENCRYPT_MODE, keys.getFirst(), nonce, resource)
                            .doFinal(plain.array());
            byte[] ticket =
                    ByteBuffer.allocate(nonce.length + sealed.length)
                            .put(nonce)
                            .put(sealed)
                            .array();
            String text = Base64.getUrlEncoder().withoutPadding().encodeToString(ticket);
            return new Ticket(text, expiresAtMillis);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** What was sealed for a resource; null for a ticket that is forged, for another, or over. */
    public byte @Nullable [] open(String resource, String text) {
        byte[] ticket;
        try {
            ticket = Base64.getUrlDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
        if (ticket.length <= NONCE_BYTES) return null;
        for (SecretKey key : keys) {
            byte[] plain = open(key, resource, ticket);
            if (plain == null || plain.length < Long.BYTES) continue;
            ByteBuffer content = ByteBuffer.wrap(plain);
            if (content.getLong() <= clock.millis()) return null;
            byte[] rest = new byte[content.remaining()];
            content.get(rest);
            return rest;
        }
        return null;
    }

    private static byte @Nullable [] open(SecretKey key, String resource, byte[] ticket) {
        byte[] nonce = new byte[NONCE_BYTES];
        System.arraycopy(ticket, 0, nonce, 0, NONCE_BYTES);
        try {
            return cipher(Cipher.DECRYPT_MODE, key, nonce, resource)
                    .doFinal(ticket, NONCE_BYTES, ticket.length - NONCE_BYTES);
        } catch (GeneralSecurityException _) {
            return null;
        }
    }

    private static Cipher cipher(int mode, SecretKey key, byte[] nonce, String resource)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(resource.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
