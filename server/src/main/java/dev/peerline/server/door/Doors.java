package dev.peerline.server.door;

import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.config.Origin;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.Set;

/**
 * Which hosts a request may be for, and which pages it may come from.
 *
 * <p>A server without a secret trusts whoever reaches it, and what a browser on the same machine
 * opens can reach it: so the {@code Host} must be one of its own (against DNS rebinding) and the
 * {@code Origin}, when there is one, too (against foreign pages). With a secret nothing rides on
 * where a request comes from, and both are free unless origins are named.
 *
 * <p>Immutable, for any thread.
 *
 * @param secret whether tokens are needed
 * @param hosts the server's names and addresses besides loopback, in lower case
 * @param allowedOrigins further origins; {@link Origin#ANY} for all
 */
public record Doors(boolean secret, Set<String> hosts, Set<Origin> allowedOrigins) {
    public Doors {
        hosts = Set.copyOf(hosts);
        allowedOrigins = Set.copyOf(allowedOrigins);
    }

    /** What is wrong with a request. */
    public enum Refusal {
        FORBIDDEN_HOST,
        FORBIDDEN_ORIGIN
    }

    /** Whether the host is this server under a name that nobody else can claim. */
    public boolean isOwnHost(HostAndPort host) {
        InetAddress address = host.address();
        boolean loopback = address == null ? host.host().equals("localhost") : isLoopback(address);
        return loopback || hosts.contains(host.host());
    }

    private static boolean isLoopback(InetAddress address) {
        return address.isLoopbackAddress();
    }

    /**
     * Judges a request.
     *
     * @param host what it was sent to; null when that is missing or malformed
     * @param origin its {@code Origin} header as it stands; null when there is none
     * @param scheme the scheme it came by, as far as this server can tell
     */
    public @Nullable Refusal refusal(
            @Nullable HostAndPort host, @Nullable String origin, String scheme) {
        if (host == null) return Refusal.FORBIDDEN_HOST;
        if (!secret && !isOwnHost(host)) return Refusal.FORBIDDEN_HOST;
        if (origin == null) return null;
        return accepts(origin, host, scheme) ? null : Refusal.FORBIDDEN_ORIGIN;
    }

    private boolean accepts(String header, HostAndPort host, String scheme) {
        Origin origin = Origin.parse(header);
        if (allowedOrigins.contains(Origin.ANY) || (secret && allowedOrigins.isEmpty()))
            return true;
        if (origin == null) return false;
        return allowedOrigins.contains(origin) || isSame(origin, host, scheme);
    }

    /** Whether a page of this origin was served by this server itself, under one of its names. */
    public boolean isOwnOrigin(String header, HostAndPort host, String scheme) {
        Origin origin = Origin.parse(header);
        return origin != null && isOwnHost(host) && isSame(origin, host, scheme);
    }

    private static boolean isSame(Origin origin, HostAndPort host, String scheme) {
        // A proxy that ends TLS without telling makes us see http where the page has https.
        boolean sameScheme =
                origin.scheme().equals(scheme)
                        || (scheme.equals("http") && origin.scheme().equals("https"));
        return sameScheme && origin.authority().equals(host.withoutDefaultPort(origin.scheme()));
    }
}
