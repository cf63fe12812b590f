package dev.peerline.fallback.http;

import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Refusal;

import org.jspecify.annotations.Nullable;

/**
 * Why a carrier ends.
 *
 * @param closeCode what a WebSocket closes with
 * @param last the last frame; null when there is nothing to say
 */
public record Ending(int closeCode, @Nullable DownFrame last) {
    /** Said goodbye. */
    public static final Ending DONE = new Ending(CloseCode.DONE, null);

    /** A newer carrier of the same session is here. */
    public static final Ending TAKEN_OVER = new Ending(CloseCode.TAKEN_OVER, null);

    /** This server is going down. */
    public static Ending move(long retryAfterMillis) {
        return new Ending(CloseCode.GOING_AWAY, new DownFrame.Move(retryAfterMillis));
    }

    public static Ending because(ErrorCode code, String message) {
        return because(Refusal.of(code, message));
    }

    public static Ending because(Refusal refusal) {
        return new Ending(CloseCode.of(refusal.knownCode()), refusal);
    }

    /** What was wrong; null where nothing was. */
    public @Nullable ErrorCode code() {
        return last instanceof Refusal refusal ? refusal.knownCode() : null;
    }
}
