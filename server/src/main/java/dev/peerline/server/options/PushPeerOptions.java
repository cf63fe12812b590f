package dev.peerline.server.options;

import dev.peerline.server.config.Numbers;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;

/** The server as a WebRTC peer. */
public final class PushPeerOptions {
    private static final String DEFAULT = "Default: ${DEFAULT-VALUE}.";

    @Option(
            names = "--push-peer",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "true|false",
            description =
                    "Be a WebRTC peer: browsers move their session to a data channel, over UDP.")
    public boolean pushPeer;

    @Option(
            names = "--push-peer-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "UDP port of all data channels; 0 is any free one. Default: the number of"
                            + " --port, without --public another where that is taken.")
    public @Nullable Integer port;

    @Option(
            names = "--push-peer-tcp-port",
            converter = Numbers.Port.class,
            paramLabel = "PORT",
            description =
                    "TCP port of data channels for clients whose UDP does not get through; 0 is the"
                            + " number of --push-peer-port. Default: none.")
    public @Nullable Integer tcpPort;

    @Option(
            names = "--max-push-peers",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Data channels at one time, in all. " + DEFAULT)
    public int maxPeers = 4_000;

    @Option(
            names = "--push-peer-setups-per-second",
            converter = Numbers.Positive.class,
            paramLabel = "N",
            description = "Data channels that may be begun a second, in all. " + DEFAULT)
    public int setupsPerSecond = 100;
}
