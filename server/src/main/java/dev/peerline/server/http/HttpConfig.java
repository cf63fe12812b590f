package dev.peerline.server.http;

import dev.peerline.server.certificate.ServerCertificate;
import dev.peerline.server.door.ClientAddress;
import dev.peerline.server.door.Doors;
import dev.peerline.server.token.Tokens;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How the HTTP face looks.
 *
 * @param addresses where it listens; the first is tried first when any port will do
 * @param port for plain HTTP; 0 is any
 * @param tls null for none
 * @param metrics a place for {@code /metrics} of its own; null for none
 * @param lanAddress what other devices of this network call this one; null without {@code --lan}
 * @param doors which hosts and origins
 * @param clients how clients' addresses are found
 * @param tokens null where none are needed
 * @param page what the page is told
 * @param limits per address and in all
 * @param timeouts for clients that are slow
 */
public record HttpConfig(
        List<InetAddress> addresses,
        int port,
        @Nullable Tls tls,
        @Nullable InetSocketAddress metrics,
        @Nullable InetAddress lanAddress,
        Doors doors,
        ClientAddress clients,
        @Nullable Tokens tokens,
        PageConfig page,
        Limits limits,
        Timeouts timeouts) {
    public HttpConfig {
        addresses = List.copyOf(addresses);
    }

    /**
     * HTTPS.
     *
     * @param port 0 is any
     * @param certificate of every connection
     */
    public record Tls(int port, ServerCertificate certificate) {}

    /**
     * What clients may use.
     *
     * @param connections in all
     * @param connectionsPerAddress from one address
     * @param requestsPerSecond of one address or token
     * @param demoTokensPerHour for one address
     */
    public record Limits(
            int connections,
            int connectionsPerAddress,
            int requestsPerSecond,
            int demoTokensPerHour) {}

    /**
     * How long a client may take, so that slow ones do not hold connections for nothing.
     *
     * @param head for the whole of a request's head, and for a TLS handshake
     * @param body for the whole of a request's body
     * @param idle between two requests
     */
    public record Timeouts(Duration head, Duration body, Duration idle) {
        /** Patient with a telephone in a tunnel, not with an attacker. */
        public static final Timeouts DEFAULT =
                new Timeouts(
                        Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60));
    }
}
