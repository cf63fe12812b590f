package dev.peerline.sdk.carrier;

import dev.peerline.fallback.link.ladder.CarrierEnd;

import org.jspecify.annotations.Nullable;

import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.WebSocketHandshakeException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.CompletionException;

/** What exceptions of {@code java.net.http} say. */
public final class Failures {
    /** The code of what ended without one. */
    static final int ABNORMAL = 1006;

    private Failures() {}

    static CarrierEnd end(@Nullable Throwable problem) {
        return isUnreachable(problem) ? CarrierEnd.UNREACHABLE : CarrierEnd.LOST;
    }

    /** Whether not even somebody else answered. */
    public static boolean isUnreachable(@Nullable Throwable problem) {
        for (Throwable each = problem; each != null; each = each.getCause()) {
            if (each instanceof ConnectException
                    || each instanceof HttpConnectTimeoutException
                    || each instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }

    /** The same in words, without a stack. */
    public static String reason(@Nullable Throwable problem) {
        Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
        if (cause instanceof WebSocketHandshakeException refused) {
            return "HTTP status " + refused.getResponse().statusCode();
        }
        if (cause == null) return "";
        String message = cause.getMessage();
        String name = cause.getClass().getSimpleName();
        return message == null ? name : name + ": " + message;
    }
}
