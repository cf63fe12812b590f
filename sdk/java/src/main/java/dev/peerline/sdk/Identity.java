package dev.peerline.sdk;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What makes a peer's id: a secret key. The id is a hash of room and key, so the same key is the
 * same peer whenever it joins that room, and whoever has the key can be this peer. Joining again
 * while it is in the room ends the older one ({@code REPLACED}). Thread-safe.
 */
public final class Identity {
    private final @Nullable Bytes key;
    private final @Nullable Path file;
    private final AtomicLong incarnation = new AtomicLong();

    private Identity(@Nullable Bytes key, @Nullable Path file) {
        this.key = key;
        this.file = file;
    }

    /** A new one, which lasts as long as this object. */
    public static Identity inMemory() {
        byte[] bytes = new byte[Id.KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        return new Identity(Bytes.of(bytes), null);
    }

    /**
     * One that the application keeps.
     *
     * @param key 32 random bytes
     */
    public static Identity of(byte[] key) {
        if (key.length != Id.KEY_BYTES) {
            throw PeerlineException.badArgument(
                    "key: has %d bytes, not %d".formatted(Id.KEY_BYTES, key.length));
        }
        return new Identity(Bytes.of(key.clone()), null);
    }

    /**
     * One that is kept in a file, readable by its owner alone, and made when there is none. It
     * belongs to the first room that it is used for, and to one process at a time.
     */
    public static Identity file(Path file) {
        return new Identity(null, file);
    }

    /**
     * One life of it.
     *
     * @param release when the room is closed
     */
    record Life(Bytes key, long incarnation, Runnable release) {}

    /**
     * Begins another life. May wait for the disk.
     *
     * @param place server and room
     * @throws PeerlineException {@code IDENTITY} when the file cannot be used
     */
    Life begin(String place) {
        Path path = file;
        if (path != null) return IdentityFile.begin(path, place);
        Bytes own = key;
        if (own == null) throw new AssertionError("a key or a file");
        long now = System.currentTimeMillis();
        return new Life(own, incarnation.updateAndGet(last -> Math.max(last + 1, now)), () -> {});
    }
}
