package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;

/**
 * Why a carrier ends.
 *
 * @param closeCode what a WebSocket closes with
 * @param refusal the last frame; null where nothing went wrong
 */
public record Ending(int closeCode, @Nullable Refusal refusal) {
    /** Said goodbye. */
    public static final Ending DONE = new Ending(CloseCode.DONE, null);

    /** A newer carrier of the same session is here. */
    public static final Ending TAKEN_OVER = new Ending(CloseCode.TAKEN_OVER, null);

    /** Told to {@code MOVE}. */
    public static final Ending GOING_AWAY = new Ending(CloseCode.GOING_AWAY, null);

    public static Ending because(ErrorCode code, String message) {
        return because(Refusal.of(code, message));
    }

    public static Ending because(Refusal refusal) {
        return new Ending(CloseCode.of(refusal.knownCode()), refusal);
    }
}
