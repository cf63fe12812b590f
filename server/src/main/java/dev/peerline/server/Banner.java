package dev.peerline.server;

import dev.peerline.fallback.grpc.PushServer;
import dev.peerline.server.config.IpLiteral;
import dev.peerline.server.door.Mode;
import dev.peerline.server.grpc.GrpcPlan;
import dev.peerline.server.http.HttpConfig;
import dev.peerline.server.http.HttpFace;
import dev.peerline.server.options.NetworkOptions;
import dev.peerline.server.pushpeer.PushPeer;
import dev.peerline.server.relay.BuiltInRelay;
import dev.peerline.server.token.SecretFile;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What an operator reads when the server has started. */
final class Banner {
    private final NetworkOptions network;
    private final ServePlan plan;
    private final HttpConfig config;
    private final HttpFace http;
    private final @Nullable BuiltInRelay relay;
    private final @Nullable PushServer grpc;
    private final @Nullable PushPeer pushPeer;

    Banner(NetworkOptions network, ServePlan plan, Server server) {
        this.network = network;
        this.plan = plan;
        this.config = plan.config().http();
        this.http = server.http();
        this.relay = server.relay();
        this.grpc = server.grpc();
        this.pushPeer = server.pushPeer();
    }

    /** Where this machine finds the server. */
    String readyUrl() {
        InetAddress first = config.addresses().getFirst();
        String host = first.isAnyLocalAddress() ? "127.0.0.1" : IpLiteral.inUrl(first);
        return "http://" + host + ":" + http.port();
    }

    /**
     * @param notInThisBuild options that were given, and do nothing yet
     */
    List<String> lines(List<String> notInThisBuild) {
        List<String> lines = new ArrayList<>();
        Mode mode = config.page().mode();
        lines.add(
                "event=started version=%s mode=%s tokens=%s port=%d"
                        .formatted(
                                config.page().version(),
                                mode,
                                config.tokens() == null ? "none" : "needed",
                                http.port()));
        lines.add("open=" + readyUrl() + whoCanOpen(mode));
        InetAddress lan = config.lanAddress();
        if (lan != null) lines.add("lan=http://" + IpLiteral.inUrl(lan) + ":" + http.port());
        if (http.tlsPort() >= 0)
            lines.add("https=https://" + host() + ":" + http.tlsPort() + tlsRemark());
        BuiltInRelay here = relay;
        if (here != null) lines.add("relay=" + here.url());
        if (http.metricsPort() >= 0)
            lines.add("metrics=http://" + metricsHost() + ":" + http.metricsPort() + "/metrics");
        addSecret(lines, plan.secretPlace());
        lines.add(grpcLine());
        PushPeer peer = pushPeer;
        if (peer != null) lines.add("push-peer=udp:" + peer.port());
        if (!notInThisBuild.isEmpty())
            lines.add(
                    "ignored="
                            + String.join(",", notInThisBuild)
                            + " reason=\"not in this build\"");
        return lines;
    }

    private String grpcLine() {
        PushServer here = grpc;
        GrpcPlan planned = plan.config().grpc();
        if (here == null || planned == null) return "off=grpc reason=--no-grpc";
        boolean local = here.places().getFirst().getAddress().isLoopbackAddress();
        return "grpc=%s:%d tls=%s%s"
                .formatted(
                        local ? "127.0.0.1" : host(),
                        here.port(),
                        planned.tls() == null ? "no" : "yes",
                        planned.confined()
                                ? " hint=\"only this machine; with TLS it is served to all\""
                                : "");
    }

    private static String whoCanOpen(Mode mode) {
        return switch (mode) {
            case LOOPBACK -> " hint=\"only this machine; --lan adds the private networks\"";
            case LAN -> "";
            case PUBLIC -> " hint=\"the page asks for an invite\"";
        };
    }

    private void addSecret(List<String> lines, @Nullable Path place) {
        if (place == null) return;
        lines.add("secret=" + place + (plan.generated() ? " generated=yes" : ""));
        lines.add(
                "hint=\"an invite: peerline token --secret-file %s --room lobby --invite %s\""
                        .formatted(place, base()));
    }

    private String base() {
        boolean tls = http.tlsPort() >= 0;
        return tls
                ? "https://" + host() + ":" + http.tlsPort()
                : "http://" + host() + ":" + http.port();
    }

    private String host() {
        return ServePlan.publicHost(network);
    }

    private String metricsHost() {
        return network.metricsPort == null
                ? "127.0.0.1"
                : IpLiteral.inUrl(network.metricsPort.getAddress());
    }

    private String tlsRemark() {
        return network.tlsSelfSigned
                ? " hint=\"self-signed: browsers ask before they open it\""
                : "";
    }

    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        boolean open = config.page().mode() == Mode.PUBLIC;
        if (open && config.tls() == null && network.trustedProxies.isEmpty())
            warnings.add(
                    "event=plain-http hint=\"tokens and messages through the server can be read on"
                            + " the way: add --tls-cert and --tls-key, or a proxy with TLS and"
                            + " --trusted-proxy\"");
        if (open && config.doors().hosts().isEmpty())
            warnings.add(
                    "event=no-public-address hint=\"name it with --hostname or --external-ip; own"
                            + " pages are recognised by it\"");
        if (config.page().mode() == Mode.LAN && config.lanAddress() == null)
            warnings.add(
                    "event=no-private-network hint=\"no interface has a private address: only this"
                            + " machine can open the page\"");
        Path place = plan.secretPlace();
        if (place != null && SecretFile.othersMayRead(place))
            warnings.add(
                    "event=secret-readable file=%s hint=\"others can read it: chmod 600 %s\""
                            .formatted(place, place));
        return warnings;
    }
}
