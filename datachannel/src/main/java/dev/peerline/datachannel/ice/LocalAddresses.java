package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** The addresses of this machine that candidates are made of. */
final class LocalAddresses {
    /** A host with many (containers, VPNs) would only make its peer check for longer. */
    private static final int MAX_ADDRESSES = 16;

    private LocalAddresses() {}

    /**
     * Those that the options allow, IPv6 first (RFC 8421 §4), loopback last.
     *
     * @throws IOException if there are none; the message says what to do
     */
    static List<InetAddress> of(IcePortOptions options) throws IOException {
        List<InetAddress> found = new ArrayList<>();
        for (NetworkInterface each : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            if (!each.isUp()) continue;
            for (InetAddress address : Collections.list(each.getInetAddresses())) {
                if (isUsable(address, options)) found.add(address);
            }
        }
        if (found.isEmpty()) {
            throw new IOException(
                    "No local address to use: none is up, or the filter leaves none out of those"
                            + " there are. On one machine, allow loopback.");
        }
        found.sort(Comparator.comparingInt(LocalAddresses::rank));
        return List.copyOf(found.subList(0, Math.min(MAX_ADDRESSES, found.size())));
    }

    private static boolean isUsable(InetAddress address, IcePortOptions options) {
        if (address.isLoopbackAddress()) return options.loopback();
        if (address.isLinkLocalAddress() || address.isMulticastAddress()) return false;
        return !address.isAnyLocalAddress() && options.addresses().test(address);
    }

    private static int rank(InetAddress address) {
        return (address.isLoopbackAddress() ? 2 : 0) + (address instanceof Inet6Address ? 0 : 1);
    }
}
