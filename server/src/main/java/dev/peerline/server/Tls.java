package dev.peerline.server;

import dev.peerline.server.certificate.ServerCertificate;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.options.NetworkOptions;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** TLS as the options ask for it. */
final class Tls {
    private static final int DEFAULT_PORT = 8443;

    private Tls() {}

    /** Null when no option asks for TLS. */
    static HttpConfig.@Nullable Tls of(NetworkOptions network, List<String> hosts) throws BadUsage {
        if (!network.tls()) return null;
        int port = network.tlsPort == null ? DEFAULT_PORT : network.tlsPort;
        return new HttpConfig.Tls(port, certificate(network, hosts));
    }

    private static ServerCertificate certificate(NetworkOptions network, List<String> hosts)
            throws BadUsage {
        Path certificate = network.tlsCert;
        Path key = network.tlsKey;
        if (network.tlsSelfSigned) {
            if (certificate != null || key != null)
                throw new BadUsage("Choose one of --tls-self-signed and --tls-cert");
            List<String> names = new ArrayList<>(List.of("localhost", "127.0.0.1", "::1"));
            names.addAll(hosts);
            return ServerCertificate.selfSigned(names);
        }
        if (certificate == null || key == null)
            throw new BadUsage(
                    "TLS needs --tls-cert and --tls-key, or --tls-self-signed for development");
        try {
            return ServerCertificate.read(certificate, key);
        } catch (BadUsage problem) {
            throw new BadUsage(problem.sentence());
        }
    }
}
