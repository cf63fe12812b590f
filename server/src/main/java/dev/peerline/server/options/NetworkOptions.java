package dev.peerline.server.options;

import dev.peerline.server.config.AddressConverter;
import dev.peerline.server.config.Cidr;
import dev.peerline.server.config.HostNameConverter;
import dev.peerline.server.config.ListenAddress;
import dev.peerline.server.config.Numbers;
import dev.peerline.server.config.Settings;
import dev.peerline.server.door.Mode;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the server listens, and what it is called. */
public final class NetworkOptions {
    @Option(
            names = "--port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description = "HTTP port; 0 is any free one. Default: ${DEFAULT-VALUE}.")
    public int port = 8080;

    @Option(
            names = "--lan",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Serve the private networks of this machine too, without a secret.")
    public boolean lan;

    @Option(
            names = "--public",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Serve everybody who has a token, on all addresses.")
    public boolean open;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = AddressConverter.class,
            description =
                    "Listen here instead of where the mode says, for instance behind a proxy.")
    public List<InetAddress> listen = new ArrayList<>();

    @Option(
            names = "--external-ip",
            paramLabel = "ADDRESS",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = AddressConverter.class,
            description =
                    "The address that others reach this machine by. Default: a public address of"
                            + " its own, if it has one.")
    public List<InetAddress> externalIp = new ArrayList<>();

    @Option(
            names = "--hostname",
            paramLabel = "NAME",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = HostNameConverter.class,
            description = "A name that this server is reached by. The first stands in its URLs.")
    public List<String> hostname = new ArrayList<>();

    @Option(
            names = "--trusted-proxy",
            paramLabel = "CIDR",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = Cidr.Converter.class,
            description = "Believe the Forwarded and X-Forwarded-* headers of these proxies.")
    public List<Cidr> trustedProxies = new ArrayList<>();

    @Option(
            names = "--metrics-port",
            paramLabel = "[ADDRESS:]PORT",
            converter = ListenAddress.class,
            description =
                    "Serve /metrics on a port of its own, on loopback unless an address is given.")
    public @Nullable InetSocketAddress metricsPort;

    @Option(
            names = "--tls-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description = "HTTPS port, with HTTP/2; 0 is any free one. Default with TLS: 8443.")
    public @Nullable Integer tlsPort;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "The certificate with its chain, PEM.")
    public @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, PEM.")
    public @Nullable Path tlsKey;

    @Option(
            names = "--tls-self-signed",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "TLS for development, with a certificate made at each start.")
    public boolean tlsSelfSigned;

    /** What the flags amount to; both together are PUBLIC, and refused elsewhere. */
    public Mode mode() {
        if (open) return Mode.PUBLIC;
        return lan ? Mode.LAN : Mode.LOOPBACK;
    }

    /** Whether any option asks for TLS. */
    public boolean tls() {
        return tlsPort != null || tlsCert != null || tlsKey != null || tlsSelfSigned;
    }
}
