package dev.peerline.turn.io;

import dev.peerline.net.TransportAddress;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.List;

/** The addresses of this machine. */
public final class LocalAddresses {
    private LocalAddresses() {}

    /** All of them, with port 0. */
    public static List<TransportAddress> all() throws IOException {
        List<TransportAddress> addresses = new ArrayList<>();
        for (InetAddress address : interfaces()) addresses.add(TransportAddress.of(address, 0));
        return addresses;
    }

    private static List<InetAddress> interfaces() throws IOException {
        List<InetAddress> addresses = new ArrayList<>();
        NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .forEach(addresses::add);
        return addresses;
    }

    /**
     * Where relay ports can be bound for a listener: the address itself, or for a wildcard those of
     * its family that others can reach (loopback only if there is no other).
     */
    public static List<InetAddress> relayable(InetAddress listen) throws IOException {
        if (!listen.isAnyLocalAddress()) return List.of(listen);
        boolean ipv4 = listen instanceof Inet4Address;
        List<InetAddress> family =
                interfaces().stream()
                        .filter(it -> it instanceof Inet4Address == ipv4)
                        .filter(it -> !it.isLinkLocalAddress())
                        .toList();
        List<InetAddress> reachable =
                family.stream().filter(it -> !it.isLoopbackAddress()).toList();
        return reachable.isEmpty() ? family : reachable;
    }
}
