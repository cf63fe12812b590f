package dev.peerline.server.relay;

import dev.peerline.server.address.PublicAddress;
import dev.peerline.server.config.BadUsage;
import dev.peerline.server.config.ExternalAddress;
import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.door.LocalAddresses;
import dev.peerline.server.options.RelayOptions;
import dev.peerline.turn.RelayConfig.External;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Which addresses clients are told.
 *
 * @param external in place of the bound ones; empty where these are good
 * @param source who said so, for the log
 * @param isPublic whether clients out there can reach one, as far as can be told
 */
record RelayAddresses(List<External> external, String source, boolean isPublic) {
    RelayAddresses {
        external = List.copyOf(external);
    }

    /**
     * What the operator says, else who is asked, else the interfaces.
     *
     * @throws IOException when who is asked does not answer
     */
    static RelayAddresses find(List<ExternalAddress> told, RelayOptions options)
            throws IOException {
        if (!told.isEmpty()) return new RelayAddresses(externals(told), "option", true);
        PublicAddress asked = PublicAddress.ask(options.cloudMetadata, options.stunServer);
        InetAddress own = LocalAddresses.ofTheInternet();
        if (asked != null) {
            // The same as that of an interface: there is no NAT between
            boolean same = asked.address().equals(own);
            List<External> external =
                    same ? List.of() : List.of(new External(asked.address(), null));
            return new RelayAddresses(external, asked.source(), true);
        }
        return new RelayAddresses(List.of(), "interface", own != null);
    }

    private static List<External> externals(List<ExternalAddress> told) {
        return told.stream().map(it -> new External(it.announced(), it.local())).toList();
    }

    /** All addresses of this machine, of both families where there are two. */
    static List<InetAddress> wildcards() {
        List<InetAddress> wildcards = new ArrayList<>();
        wildcards.add(InetAddress.ofLiteral("0.0.0.0"));
        if (LocalAddresses.hasSix()) wildcards.add(InetAddress.ofLiteral("::"));
        return wildcards;
    }

    /**
     * The host that a client is given: what is announced, IPv4 before IPv6.
     *
     * @param announced by the relay, never empty
     */
    static String host(List<InetAddress> announced) {
        InetAddress first =
                announced.stream()
                        .filter(Inet4Address.class::isInstance)
                        .findFirst()
                        .orElse(announced.getFirst());
        return IpLiteral.inUrl(first);
    }

    /** An address behind a slash must be one that is listened on. */
    static void check(List<ExternalAddress> told, List<InetAddress> listen) throws BadUsage {
        for (ExternalAddress address : told) {
            @Nullable InetAddress local = address.local();
            if (local == null || listen.contains(local)) continue;
            if (listen.stream().noneMatch(InetAddress::isAnyLocalAddress))
                throw new BadUsage(
                        "--external-ip %s/%s: --listen does not name %s"
                                .formatted(
                                        address.announced().getHostAddress(),
                                        local.getHostAddress(),
                                        local.getHostAddress()));
        }
    }
}
