package dev.peerline.fallback.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import com.google.rpc.Status;

import dev.peerline.fallback.link.topic.PublishRules;

import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

import java.util.concurrent.TimeUnit;

/**
 * Why something is refused.
 *
 * @param detail one sentence for people
 * @param retryAfterMillis when it may be tried again; 0 when that is not known
 */
public record PushRefusal(PushError error, String detail, long retryAfterMillis) {
    /** The stable name, for clients that do not take details apart. */
    static final Metadata.Key<String> CODE =
            Metadata.Key.of("peerline-code", Metadata.ASCII_STRING_MARSHALLER);

    /** What gRPC's own retries go by (gRFC A6). */
    static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private static final String DOMAIN = "peerline.dev";

    public static PushRefusal of(PushError error, String detail) {
        return new PushRefusal(error, detail, 0);
    }

    /** Why a message is not published. */
    static PushRefusal of(PublishRules.Refused refused) {
        return of(PushError.valueOf(refused.code().name()), refused.detail())
                .withRetryAfterMillis(refused.retryAfterMillis());
    }

    public PushRefusal withRetryAfterMillis(long millis) {
        return new PushRefusal(error, detail, millis);
    }

    static PushRefusal internal() {
        return of(PushError.INTERNAL, "The server failed at this; its log says more.");
    }

    /** The end of a call: status, details as google.rpc has them, and trailers. */
    StatusRuntimeException exception() {
        return exception(new Metadata());
    }

    /**
     * The same.
     *
     * @param trailers with these besides
     */
    StatusRuntimeException exception(Metadata trailers) {
        Status.Builder status =
                Status.newBuilder()
                        .setCode(error.status().value())
                        .setMessage(error.name() + ": " + detail)
                        .addDetails(
                                Any.pack(
                                        ErrorInfo.newBuilder()
                                                .setReason(error.name())
                                                .setDomain(DOMAIN)
                                                .build()));
        trailers.put(CODE, error.name());
        if (retryAfterMillis > 0) {
            trailers.put(PUSHBACK, Long.toString(retryAfterMillis));
            RetryInfo.Builder retry = RetryInfo.newBuilder();
            retry.setRetryDelay(duration(retryAfterMillis));
            status.addDetails(Any.pack(retry.build()));
        }
        return StatusProto.toStatusRuntimeException(status.build(), trailers);
    }

    private static Duration duration(long millis) {
        long seconds = TimeUnit.MILLISECONDS.toSeconds(millis);
        long rest = TimeUnit.MILLISECONDS.toNanos(millis) - TimeUnit.SECONDS.toNanos(seconds);
        return Duration.newBuilder().setSeconds(seconds).setNanos((int) rest).build();
    }
}
