package dev.peerline.server.options;

import dev.peerline.server.config.AddressConverter;
import dev.peerline.server.config.ExternalAddress;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.config.HostPort;
import dev.peerline.server.config.ListenAddress;
import dev.peerline.server.config.Numbers;
import dev.peerline.server.config.Settings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a relay alone is, and who may use it. */
public final class RelayDoorOptions {
    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = AddressConverter.class,
            description = "Listen here, UDP and TCP; may be repeated. Default: all addresses.")
    public List<InetAddress> listen = new ArrayList<>();

    @Option(
            names = "--port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "STUN and TURN, UDP and TCP; 0 is any free one. Default: ${DEFAULT-VALUE}.")
    public int port = 3478;

    @Option(
            names = "--discovery-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "A second UDP port for NAT behaviour discovery (RFC 5780), when --listen names"
                            + " two addresses of one family.")
    public @Nullable Integer discoveryPort;

    @Option(
            names = "--external-ip",
            paramLabel = "PUBLIC[/OWN]",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = ExternalAddress.Converter.class,
            description =
                    "The public address that leads to this machine (to its address OWN), behind a"
                            + " NAT, in a cloud, in Docker. Default: that of an interface.")
    public List<ExternalAddress> externalIp = new ArrayList<>();

    @Option(
            names = "--tls-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "TURN over TLS and DTLS; 0 is any free one. Default with a certificate: 5349.")
    public @Nullable Integer tlsPort;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "The certificate with its chain, PEM; read again when it changes.")
    public @Nullable Path tlsCert;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, PEM.")
    public @Nullable Path tlsKey;

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description =
                    "Secrets for time-limited credentials (TURN REST), one a line, at least 32"
                            + " bytes; all are good. Default without users: one is made and kept.")
    public @Nullable Path secretFile;

    @Option(
            names = "--user",
            paramLabel = "NAME:PASSWORD",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            description = "A user; may be repeated. Others on this machine may see command lines.")
    public List<String> users = new ArrayList<>();

    @Option(
            names = "--users-file",
            paramLabel = "FILE",
            description = "Users as lines NAME:PASSWORD; read again when it changes.")
    public @Nullable Path usersFile;

    @Option(
            names = "--alternate-server",
            paramLabel = "ADDRESS[:PORT]",
            converter = HostPort.class,
            description = "Send new clients to this relay instead (while this one is emptied).")
    public @Nullable HostAndPort alternateServer;

    @Option(
            names = "--metrics-port",
            paramLabel = "[ADDRESS:]PORT",
            converter = ListenAddress.class,
            description =
                    "Serve /metrics, /healthz and /readyz here, on loopback unless an address is"
                            + " given.")
    public @Nullable InetSocketAddress metricsPort;
}
