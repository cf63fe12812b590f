package dev.peerline.fallback.grpc;

import dev.peerline.fallback.grpc.v1.PushGrpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What every call passes before anything looks at it: who makes it, and for whom. Thread-safe. */
final class Calls implements ServerInterceptor {
    private static final Context.Key<Call> CALL = Context.key("peerline-call");
    private static final Set<String> METHODS =
            Set.of("Publish", "PublishStream", "Subscribe", "Connect");
    private static final String BEARER = "Bearer ";
    private static final Metadata.Key<String> AUTHORIZATION = header("authorization");
    private static final Metadata.Key<String> ORIGIN = header("origin");
    private static final Metadata.Key<String> FORWARDED = header("forwarded");
    private static final Metadata.Key<String> FORWARDED_FOR = header("x-forwarded-for");

    private final PushAccess access;
    private final PushMetrics metrics;

    /**
     * A call.
     *
     * @param context its own, which ends it
     */
    record Call(PushCaller caller, Context context) {}

    Calls(PushAccess access, PushMetrics metrics) {
        this.access = access;
        this.metrics = metrics;
    }

    private static Metadata.Key<String> header(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }

    /** The call that this thread is at. */
    static Call current() {
        return CALL.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Counted<Q, A> counted = new Counted<>(call);
        PushCaller caller = caller(call, headers);
        PushRefusal refusal = access.knock(caller, !isOurs(call));
        if (refusal != null) {
            metrics.refused(refusal.error());
            StatusRuntimeException why = refusal.exception();
            Metadata trailers = why.getTrailers();
            counted.close(why.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
        Context own = Context.current();
        Context context = own.withValue(CALL, new Call(caller, own));
        return Contexts.interceptCall(context, counted, headers, next);
    }

    private static boolean isOurs(ServerCall<?, ?> call) {
        return PushGrpc.SERVICE_NAME.equals(call.getMethodDescriptor().getServiceName());
    }

    private static PushCaller caller(ServerCall<?, ?> call, Metadata headers) {
        SocketAddress peer = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        InetAddress address =
                peer instanceof InetSocketAddress internet
                        ? internet.getAddress()
                        : InetAddress.getLoopbackAddress();
        return new PushCaller(
                address,
                call.getAuthority(),
                headers.get(ORIGIN),
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION) != null,
                all(headers, FORWARDED),
                all(headers, FORWARDED_FOR),
                token(headers.get(AUTHORIZATION)));
    }

    private static List<String> all(Metadata headers, Metadata.Key<String> key) {
        List<String> values = new ArrayList<>();
        Iterable<String> found = headers.getAll(key);
        if (found != null) found.forEach(values::add);
        return values;
    }

    /** RFC 6750 §2.1. */
    private static @Nullable String token(@Nullable String header) {
        if (header == null || !header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return null;
        }
        return header.substring(BEARER.length()).strip();
    }

    /** Tells the metrics how it ended. */
    private final class Counted<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private Counted(ServerCall<Q, A> call) {
            super(call);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            String name = getMethodDescriptor().getBareMethodName();
            String method = isOurs(this) && name != null && METHODS.contains(name) ? name : "other";
            metrics.called(method, status.getCode().name());
            super.close(status, trailers);
        }
    }
}
