package dev.peerline.server.relay;

import com.sun.management.UnixOperatingSystemMXBean;

import dev.peerline.server.token.SecretFile;
import dev.peerline.turn.RelayConfig;
import dev.peerline.turn.RelayServer;

import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What an operator reads when the relay has started. */
public final class RelayBanner {
    /** Files that are open besides those of allocations. */
    private static final int OTHER_FILES = 500;

    private final RelayPlan plan;
    private final RunningRelay running;
    private final RelayServer relay;

    public RelayBanner(RelayPlan plan, RunningRelay running) {
        this.plan = plan;
        this.running = running;
        this.relay = running.server();
    }

    /** What it does. */
    public List<String> lines(String version) {
        List<String> lines = new ArrayList<>();
        RelayConfig config = plan.config();
        lines.add(
                "event=started version=%s driver=%s realm=%s"
                        .formatted(version, relay.isNative() ? "native" : "nio", config.realm()));
        lines.add("listen=" + places(relay.addresses()) + " transport=udp,tcp");
        if (!relay.tlsAddresses().isEmpty())
            lines.add("listen=" + places(relay.tlsAddresses()) + " transport=tls,dtls");
        lines.add(
                "announced=%s source=%s relay-ports=%d-%d"
                        .formatted(
                                relay.announced().stream()
                                        .map(it -> it.getHostAddress())
                                        .collect(Collectors.joining(",")),
                                plan.addresses().source(),
                                config.relayed().firstPort(),
                                config.relayed().lastPort()));
        if (running.metricsPort() >= 0) lines.add("metrics-port=" + running.metricsPort());
        RelayUsers users = plan.users();
        if (users.named() > 0) lines.add("users=" + users.named());
        Path place = users.secretPlace();
        if (place != null) {
            lines.add("secret=" + place + (users.generated() ? " generated=yes" : ""));
            lines.add(
                    "hint=\"peerline serve hands out its credentials with: --ice-server"
                            + " %s,secret-file=%s\"".formatted(running.url(), place));
        }
        return lines;
    }

    private static String places(List<InetSocketAddress> addresses) {
        return addresses.stream()
                .map(it -> it.getAddress().getHostAddress() + "/" + it.getPort())
                .collect(Collectors.joining(","));
    }

    /** What may go wrong. */
    public List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        boolean everywhere =
                plan.config().listeners().plain().stream()
                        .anyMatch(it -> it.getAddress().isAnyLocalAddress());
        if (everywhere && !plan.addresses().isPublic())
            warnings.add(
                    "event=no-public-address hint=\"no interface has one, so only this network"
                            + " reaches the relay: name it with --external-ip, or let --stun-server"
                            + " or --cloud-metadata find it\"");
        plan.users().files().stream()
                .filter(SecretFile::othersMayRead)
                .forEach(
                        place ->
                                warnings.add(
                                        "event=secret-readable file=%s hint=\"others can read it:"
                                                        .formatted(place)
                                                + " chmod 600 %s\"".formatted(place)));
        long files = fileLimit();
        int wanted = plan.config().limits().maxAllocations() + OTHER_FILES;
        if (files < wanted)
            warnings.add(
                    "event=few-files limit=%d hint=\"each allocation is an open file: raise it to"
                                    .formatted(files)
                            + " %d (ulimit -n, LimitNOFILE) or lower --max-allocations\""
                                    .formatted(wanted));
        return warnings;
    }

    private static long fileLimit() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }
}
