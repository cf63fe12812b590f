package dev.peerline.server.pushpeer;

import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.datachannel.ice.TcpOptions;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.door.Mode;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.options.PushPeerOptions;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.util.List;

/**
 * How the server is a peer.
 *
 * @param port which, on which addresses
 * @param mayMove whether another port will do when this one is taken
 * @param announced addresses that clients are told of besides: those of a NAT before this machine
 * @param maxPeers data channels at one time, those that are being set up among them
 * @param setupsPerSecond how many may be begun, on average
 */
public record PushPeerPlan(
        IcePortOptions port,
        boolean mayMove,
        List<InetAddress> announced,
        int maxPeers,
        int setupsPerSecond) {
    public PushPeerPlan {
        announced = List.copyOf(announced);
    }

    /**
     * Works it out.
     *
     * @param external what {@code --external-ip} names
     * @return null for none
     */
    public static @Nullable PushPeerPlan of(
            PushPeerOptions options, HttpConfig http, List<InetAddress> external) throws BadUsage {
        if (!options.pushPeer) {
            if (options.port == null && options.tcpPort == null) return null;
            throw new BadUsage("--push-peer-port and --push-peer-tcp-port go with --push-peer");
        }
        boolean open = http.page().mode() == Mode.PUBLIC;
        int port = options.port == null ? http.port() : options.port;
        return new PushPeerPlan(
                addresses(http, open).withPort(port).withTcp(tcp(options)),
                options.port == null && !open,
                open ? external : List.of(),
                options.maxPeers,
                options.setupsPerSecond);
    }

    /** Listening alone: the server connects to nobody. */
    private static TcpOptions tcp(PushPeerOptions options) {
        TcpOptions none = TcpOptions.none();
        Integer port = options.tcpPort;
        if (port == null) return none;
        int unknown = none.maxUnknown();
        return none.withPassive(port)
                .withLimits(options.maxPeers + unknown, unknown, none.unknownTimeout());
    }

    /** With {@code --public} a proxy may stand before HTTP, and none before UDP. */
    private static IcePortOptions addresses(HttpConfig http, boolean open) {
        if (open) return IcePortOptions.defaults();
        List<InetAddress> listens = http.addresses();
        boolean all = listens.stream().anyMatch(InetAddress::isAnyLocalAddress);
        return IcePortOptions.defaults()
                .withLoopback(all || listens.stream().anyMatch(InetAddress::isLoopbackAddress))
                .withAddresses(address -> all || listens.contains(address));
    }
}
