package dev.peerline.sdk.direct;

import dev.peerline.datachannel.IceCandidateError;
import dev.peerline.datachannel.ice.IceCandidate;
import dev.peerline.datachannel.ice.IceCandidate.Kind;
import dev.peerline.datachannel.ice.IceCandidate.Protocol;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the gathering of candidates shows of the network. Not thread-safe. */
public final class Evidence {
    /** Errors of ICE servers that are kept. */
    private static final int MAX_ERRORS = 16;

    private final Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    private final List<IceCandidateError> errors = new ArrayList<>();

    /** Of each own port, the ports that others see. */
    private final Map<String, Set<Integer>> mapped = new HashMap<>();

    private boolean complete;

    /** Takes a candidate of this side; empty for the end of them. */
    public void gathered(String line) {
        if (line.isEmpty()) {
            complete = true;
            return;
        }
        IceCandidate candidate = IceCandidate.parse(line);
        if (candidate == null) return;
        kinds.add(candidate.kind());
        if (candidate.kind() != Kind.SRFLX || candidate.protocol() != Protocol.UDP) return;
        boolean six = candidate.address().contains(":");
        @Nullable String base = candidate.relatedAddress();
        String key = base + " " + candidate.relatedPort() + (six ? " 6" : " 4");
        mapped.computeIfAbsent(key, _ -> new HashSet<>()).add(candidate.port());
    }

    /** Takes an error of a server. */
    public void failed(IceCandidateError error) {
        boolean known =
                errors.stream()
                        .anyMatch(
                                one ->
                                        one.url().equals(error.url())
                                                && one.errorCode() == error.errorCode());
        if (!known && errors.size() < MAX_ERRORS) errors.add(error);
    }

    /** Whether all servers had time enough to answer. */
    public boolean complete() {
        return complete;
    }

    /** Whether this side has a candidate of a kind. */
    public boolean has(Kind kind) {
        return kinds.contains(kind);
    }

    /** What servers refused, or that they did not answer. */
    public List<IceCandidateError> errors() {
        return List.copyOf(errors);
    }

    /** RFC 4787 §4.1: one own port is seen as another by each server. */
    public boolean symmetric() {
        return mapped.values().stream().anyMatch(ports -> ports.size() > 1);
    }
}
