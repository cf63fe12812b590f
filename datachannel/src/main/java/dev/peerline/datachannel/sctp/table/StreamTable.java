package dev.peerline.datachannel.sctp.table;

import org.jspecify.annotations.Nullable;

import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * One value a stream identifier (0 to 65535), in pages that are made when first used. Not
 * thread-safe.
 *
 * @param <T> the value
 */
public final class StreamTable<T> {
    private static final int PAGE = 256;

    private final @Nullable Object[] @Nullable [] pages = new Object[PAGE][];
    private final IntFunction<T> create;

    /** Values are created by what {@link #getOrCreate} is first asked for. */
    public StreamTable(IntFunction<T> create) {
        this.create = create;
    }

    @SuppressWarnings("unchecked") // only T goes in
    public @Nullable T get(int streamId) {
        @Nullable Object[] page = pages[streamId >> 8];
        return page == null ? null : (T) page[streamId & 0xff];
    }

    public T getOrCreate(int streamId) {
        T known = get(streamId);
        if (known != null) return known;
        @Nullable Object[] page = pages[streamId >> 8];
        if (page == null) {
            page = new Object[PAGE];
            pages[streamId >> 8] = page;
        }
        T value = create.apply(streamId);
        page[streamId & 0xff] = value;
        return value;
    }

    @SuppressWarnings("unchecked") // only T goes in
    public void forEach(Consumer<T> action) {
        for (@Nullable Object[] page : pages) {
            if (page == null) continue;
            for (Object value : page) if (value != null) action.accept((T) value);
        }
    }
}
