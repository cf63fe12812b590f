package dev.peerline.server.options;

import dev.peerline.server.address.Cloud;
import dev.peerline.server.config.Cidr;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.config.HostPort;
import dev.peerline.server.config.Numbers;
import dev.peerline.server.config.PortRange;
import dev.peerline.server.config.Settings;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;

/** What the relay does, alone and inside of {@code serve}. */
public final class RelayOptions {
    @Option(
            names = "--relay-ports",
            converter = PortRange.Converter.class,
            paramLabel = "FROM-TO",
            description =
                    "UDP ports of relayed addresses: open them in the firewall. Default:"
                            + " ${DEFAULT-VALUE}.")
    public PortRange relayPorts = PortRange.DYNAMIC;

    @Option(
            names = "--realm",
            paramLabel = "NAME",
            description = "Realm of the credentials. Default: ${DEFAULT-VALUE}.")
    public String realm = "peerline";

    @Option(
            names = "--allow-peer",
            paramLabel = "CIDR",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = Cidr.Converter.class,
            description =
                    "The relay may send to these, too. Default: public addresses alone, none of"
                            + " this machine's.")
    public List<Cidr> allowPeer = new ArrayList<>();

    @Option(
            names = "--deny-peer",
            paramLabel = "CIDR",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = Cidr.Converter.class,
            description = "The relay never sends to these, whatever is allowed.")
    public List<Cidr> denyPeer = new ArrayList<>();

    @Option(
            names = "--stun-server",
            paramLabel = "HOST[:PORT]",
            converter = HostPort.class,
            description =
                    "Ask this STUN server at the start which public address this machine has.")
    public @Nullable HostAndPort stunServer;

    @Option(
            names = "--cloud-metadata",
            paramLabel = "CLOUD",
            converter = Cloud.Converter.class,
            description = "Ask the cloud for it: aws, gcp, azure, digitalocean or hetzner.")
    public @Nullable Cloud cloudMetadata;

    @Option(
            names = "--proxy-protocol",
            paramLabel = "CIDR",
            split = Settings.SEPARATOR,
            splitSynopsisLabel = " ",
            converter = Cidr.Converter.class,
            description =
                    "TCP and TLS connections from these proxies begin with a PROXY header, version"
                            + " 2.")
    public List<Cidr> proxyProtocol = new ArrayList<>();

    @Option(
            names = "--no-self-test",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Do not relay a packet through the announced address at the start.")
    public boolean noSelfTest;

    @Option(
            names = "--no-native",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description = "Portable sockets instead of Linux' batched ones.")
    public boolean noNative;

    @Option(
            names = "--relay-threads",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Threads that relay UDP. Default: one a core.")
    public @Nullable Integer threads;
}
