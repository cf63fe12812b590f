package dev.peerline.sdk.direct;

import dev.peerline.datachannel.IceCandidateError;
import dev.peerline.datachannel.ice.IceCandidate.Kind;
import dev.peerline.datachannel.ice.IceServer;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.sdk.Finding;
import dev.peerline.sdk.PathKind;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Says why a peer is reached the way it is, from what was seen. Runs on the loop. */
public final class Diagnosis {
    /** Codes by which a relay refuses a credential (RFC 8489 §14.8). */
    private static final List<Integer> REFUSED = List.of(401, 403);

    private final @Nullable DirectPaths direct;

    /**
     * @param direct null where there are no direct paths
     */
    public Diagnosis(@Nullable DirectPaths direct) {
        this.direct = direct;
    }

    /** Whether a peer is there. */
    public enum Standing {
        HERE,
        AWAY,
        GONE
    }

    /**
     * At least one finding; the first says most.
     *
     * @param kind of the path to it now
     */
    public List<Finding> of(Id id, Standing standing, PathKind kind) {
        List<Finding> found = new ArrayList<>();
        if (standing == Standing.GONE) {
            return List.of(new Finding("PEER_GONE", "The peer has left the room."));
        }
        if (kind == PathKind.DIRECT) {
            return List.of(new Finding("DIRECT", "Messages go directly."));
        }
        if (kind == PathKind.RELAYED) {
            found.add(new Finding("RELAYED", "Messages go through a TURN relay."));
            ice(id).stream().filter(one -> one.code().equals("NAT_SYMMETRIC")).forEach(found::add);
            return found;
        }
        if (standing == Standing.AWAY) {
            String text = "The peer is away: the server keeps messages for it.";
            found.add(new Finding("PEER_AWAY", text));
        }
        found.addAll(path(id));
        return found;
    }

    /** Why there is no data channel. */
    private List<Finding> path(Id id) {
        if (direct == null) {
            return List.of(
                    new Finding("DIRECT_OFF", "This side has no direct paths: they are off."));
        }
        if (direct.refusedBy(id)) {
            return List.of(new Finding("PEER_UNSUPPORTED", "The peer has no direct paths."));
        }
        Connection connection = direct.connectionOf(id);
        if (connection != null && connection.isOpen()) {
            String text =
                    "A data channel is open but has not proven itself since it last fell silent.";
            return List.of(new Finding("UNPROVEN", text));
        }
        List<Finding> found = new ArrayList<>(ice(id));
        if (connection != null) {
            String text = "ICE is %s: no data channel yet.".formatted(connection.iceState());
            found.add(new Finding("CONNECTING", text));
        } else if (found.isEmpty()) {
            String text = "No direct path is being tried now: tried and failed, or too many.";
            found.add(new Finding("NO_CONNECTION", text));
        }
        return found;
    }

    /** What an attempt showed of the network. */
    private List<Finding> ice(Id id) {
        Evidence evidence = direct == null ? null : direct.evidenceOf(id);
        List<IceServer> servers = direct == null ? List.of() : direct.iceServers();
        if (evidence == null || servers.isEmpty()) return List.of();
        List<Finding> found = new ArrayList<>();
        boolean unmapped = !evidence.has(Kind.SRFLX) && !evidence.has(Kind.RELAY);
        boolean blocked = unmapped && silent(evidence, servers);
        if (blocked) {
            found.add(
                    new Finding(
                            "UDP_BLOCKED",
                            "No STUN or TURN server answered: the network seems to let no UDP"
                                    + " through.",
                            "Let UDP to the relay through, or offer a relay over TLS on port"
                                    + " 443."));
        }
        boolean relays = servers.stream().anyMatch(server -> server.kind().isTurn());
        if (relays && !evidence.has(Kind.RELAY)) relay(evidence, blocked, found);
        if (evidence.symmetric()) {
            found.add(
                    new Finding(
                            "NAT_SYMMETRIC",
                            "The NAT shows each server another port: peers behind such a one need"
                                    + " a relay.",
                            "A TURN relay that both can reach."));
        }
        return found;
    }

    /** Whether every server that is asked over UDP was silent. */
    private static boolean silent(Evidence evidence, List<IceServer> servers) {
        List<String> overUdp =
                servers.stream().filter(Diagnosis::overUdp).map(IceServer::url).toList();
        return !overUdp.isEmpty()
                && overUdp.stream()
                        .allMatch(
                                url ->
                                        evidence.errors().stream()
                                                .anyMatch(error -> isSilence(error, url)));
    }

    private static boolean overUdp(IceServer server) {
        return server.kind() == IceServer.Kind.STUN || server.kind() == IceServer.Kind.TURN_UDP;
    }

    private static boolean isSilence(IceCandidateError error, String url) {
        return error.url().equals(url) && error.errorCode() == 0;
    }

    private static void relay(Evidence evidence, boolean blocked, List<Finding> found) {
        int refused =
                evidence.errors().stream()
                        .mapToInt(IceCandidateError::errorCode)
                        .filter(REFUSED::contains)
                        .findFirst()
                        .orElse(0);
        if (refused != 0) {
            found.add(
                    new Finding(
                            "TURN_UNAUTHORIZED",
                            "The relay refused the credentials (%d).".formatted(refused),
                            "Compare the secrets of server and relay, and their clocks."));
        } else if (!blocked) {
            found.add(
                    new Finding(
                            "TURN_UNREACHABLE",
                            "No relay gave an address, though the server names some.",
                            "Run `peerline doctor` against the relay; open its port and its range"
                                    + " of relay ports."));
        }
    }
}
