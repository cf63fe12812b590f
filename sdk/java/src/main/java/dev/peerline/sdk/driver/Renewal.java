package dev.peerline.sdk.driver;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import dev.peerline.sdk.PeerlineException;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Asks the application for another token before the present one expires, and when it was refused.
 * Used on the loop.
 */
final class Renewal {
    /** Asked for in the last quarter of the old one's time, a minute before its end at the most. */
    private static final long EARLY_MILLIS = Duration.ofMinutes(1).toMillis();

    private static final long MIN_MILLIS = Duration.ofSeconds(1).toMillis();

    /** When the function failed. */
    private static final long RETRY_MILLIS = Duration.ofSeconds(5).toMillis();

    private final Loop loop;
    private final Supplier<CompletionStage<String>> source;
    private final Consumer<String> refresh;
    private final Consumer<PeerlineException> report;
    private Loop.@Nullable Timer timer;
    private boolean stopped;

    /**
     * @param source must not wait
     */
    Renewal(
            Loop loop,
            Supplier<CompletionStage<String>> source,
            Consumer<String> refresh,
            Consumer<PeerlineException> report) {
        this.loop = loop;
        this.source = source;
        this.refresh = refresh;
        this.report = report;
    }

    /** Unix ms, as the server told with its welcome; 0 for never. */
    void welcomed(long expiresAtMillis) {
        if (expiresAtMillis == 0) return;
        long left = expiresAtMillis - System.currentTimeMillis();
        askIn(Math.max(left - Math.min(EARLY_MILLIS, left / 4), MIN_MILLIS));
    }

    void ask() {
        source.get().whenComplete((token, problem) -> loop.execute(() -> got(token, problem)));
    }

    private void got(@Nullable String token, @Nullable Throwable problem) {
        if (stopped) return;
        if (token != null) {
            refresh.accept(token);
            // The server tells it only with its next welcome.
            welcomed(expiryMillis(token));
            return;
        }
        report.accept(
                new PeerlineException(
                        "UNAUTHORIZED",
                        "token: the function that gives one failed",
                        true,
                        "",
                        problem));
        askIn(RETRY_MILLIS);
    }

    private void askIn(long millis) {
        if (timer != null) timer.cancel();
        if (stopped) return;
        timer = loop.at(loop.nowNanos() + Duration.ofMillis(millis).toNanos(), this::ask);
    }

    void stop() {
        stopped = true;
        if (timer != null) timer.cancel();
    }

    /** RFC 7519 §4.1.4; 0 when it says none, or is no JWT. */
    private static long expiryMillis(String token) {
        String[] parts = token.split("\\.", -1);
        if (parts.length < 2) return 0;
        try {
            byte[] claims = Base64.getUrlDecoder().decode(parts[1]);
            JsonElement tree = JsonParser.parseString(new String(claims, StandardCharsets.UTF_8));
            JsonElement exp = tree.isJsonObject() ? tree.getAsJsonObject().get("exp") : null;
            return exp == null ? 0 : exp.getAsLong() * 1_000;
        } catch (IllegalArgumentException
                | JsonParseException
                | UnsupportedOperationException
                | IllegalStateException _) {
            return 0;
        }
    }
}
