package dev.peerline.server.door;

import dev.peerline.server.config.Cidr;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The addresses that this machine has now. Those that it gets later are not noticed: a laptop that
 * moves to another network starts its server again.
 */
public final class LocalAddresses {
    /** RFC 1918 and RFC 4193; and what only laboratories use (RFC 5737, RFC 2544). */
    private static final List<Cidr> PRIVATE =
            ranges(
                    "10.0.0.0/8",
                    "172.16.0.0/12",
                    "192.168.0.0/16",
                    "fc00::/7",
                    "192.0.2.0/24",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "198.18.0.0/15");

    /** Shared by the customers of a provider (RFC 6598), of the link alone, or of no machine. */
    private static final List<Cidr> NOT_PUBLIC =
            ranges("0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "fe80::/10");

    /** Any address out there: connecting a UDP socket sends nothing, and tells the way. */
    private static final String FAR_AWAY = "192.0.2.1";

    private LocalAddresses() {}

    private static List<Cidr> ranges(String... texts) {
        List<Cidr> ranges = new ArrayList<>();
        for (String text : texts) {
            Cidr range = Cidr.parse(text);
            if (range == null) throw new AssertionError(text);
            ranges.add(range);
        }
        return List.copyOf(ranges);
    }

    /** 127.0.0.1, and ::1 where there is one. */
    public static List<InetAddress> loopback() {
        List<InetAddress> addresses = new ArrayList<>();
        addresses.add(literal("127.0.0.1"));
        InetAddress six = literal("::1");
        if (all().contains(six)) addresses.add(six);
        return addresses;
    }

    /** Whether this machine has IPv6. */
    public static boolean hasSix() {
        return all().stream().anyMatch(Inet6Address.class::isInstance);
    }

    /** The networks of addresses of this machine, as its interfaces have them. */
    public static List<Cidr> networksOf(Collection<InetAddress> addresses) {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(link -> link.getInterfaceAddresses().stream())
                    .map(
                            it ->
                                    new Cidr(
                                            ofBytes(it.getAddress().getAddress()),
                                            it.getNetworkPrefixLength()))
                    .filter(it -> addresses.contains(it.network()))
                    .toList();
        } catch (SocketException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /** Those of private networks; first the one that leads to the rest of the world. */
    public static List<InetAddress> ofPrivateNetworks() {
        InetAddress main = towardsTheWorld();
        Comparator<InetAddress> mainFirst = Comparator.comparing(address -> !address.equals(main));
        Comparator<InetAddress> fourFirst =
                Comparator.comparing(address -> !(address instanceof Inet4Address));
        return all().stream()
                .filter(address -> isIn(address, PRIVATE))
                .sorted(mainFirst.thenComparing(fourFirst))
                .toList();
    }

    /** An address that the whole world can reach, or null; behind NAT there is none. */
    public static @Nullable InetAddress ofTheInternet() {
        return all().stream()
                .filter(address -> !address.isLoopbackAddress() && !address.isMulticastAddress())
                .filter(address -> !isIn(address, PRIVATE) && !isIn(address, NOT_PUBLIC))
                .min(Comparator.comparing(address -> !(address instanceof Inet4Address)))
                .orElse(null);
    }

    private static boolean isIn(InetAddress address, List<Cidr> ranges) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    private static List<InetAddress> all() {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(LocalAddresses::isUp)
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(address -> ofBytes(address.getAddress()))
                    .toList();
        } catch (SocketException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    private static boolean isUp(NetworkInterface link) {
        try {
            return link.isUp();
        } catch (SocketException _) {
            return false; // it went away meanwhile
        }
    }

    private static @Nullable InetAddress towardsTheWorld() {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.connect(new InetSocketAddress(literal(FAR_AWAY), 9));
            return socket.getLocalAddress();
        } catch (SocketException | UncheckedIOException _) {
            return null; // no route: then none is more important than the others
        }
    }

    private static InetAddress literal(String text) {
        return InetAddress.ofLiteral(text);
    }

    /** Without the interface's name, which IPv6 addresses of interfaces have. */
    private static InetAddress ofBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
