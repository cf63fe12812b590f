package dev.peerline.fallback.grpc;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.List;

/**
 * Who makes a call, as far as the call says it.
 *
 * @param peer the other end of the connection
 * @param authority what it believes to talk to; null when it does not say
 * @param origin the page that it comes from; null for none
 * @param secure whether it came by TLS
 * @param forwarded its {@code Forwarded} headers, to be believed of trusted proxies
 * @param forwardedFor its {@code X-Forwarded-For} headers, likewise
 * @param token its bearer token; null for none
 */
public record PushCaller(
        InetAddress peer,
        @Nullable String authority,
        @Nullable String origin,
        boolean secure,
        List<String> forwarded,
        List<String> forwardedFor,
        @Nullable String token) {
    public PushCaller {
        forwarded = List.copyOf(forwarded);
        forwardedFor = List.copyOf(forwardedFor);
    }
}
