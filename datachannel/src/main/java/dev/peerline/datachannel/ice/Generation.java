package dev.peerline.datachannel.ice;

import dev.peerline.datachannel.ice.Checks.Identity;
import dev.peerline.net.TransportAddress;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * A session between two restarts: parameters of both sides, remote candidates, the checks, and what
 * they selected. Holds state for {@link PortSession}; used on the loop's thread alone.
 */
final class Generation {
    /** What a peer may name; more only costs time. */
    static final int MAX_REMOTE_CANDIDATES = 64;

    /** A browser has one name for each of its addresses. */
    private static final int MAX_NAMES = 8;

    /** Checks that came before the peer's parameters. */
    static final int MAX_EARLY = 8;

    final PortSession session;
    final IceParameters local;
    final List<Remote> remoteCandidates = new ArrayList<>();
    final List<Early> early = new ArrayList<>();
    final Set<CheckMessages.TransactionId> transactions = new HashSet<>();
    @Nullable IceParameters remote;
    @Nullable Checks checks;
    @Nullable PathKeeper keeper;
    IceLoop.@Nullable Timer deadline;

    /** What carries packets until a pair is nominated. */
    @Nullable Path usable;

    boolean controlling;
    boolean endOfCandidates;
    boolean begun;
    long deadlineNanos;
    private int names;

    /** A check that came before its time. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Early(byte[] message, LocalEnd at, TransportAddress from) {}

    /** A candidate of the peer's whose address is known. */
    record Remote(TransportAddress address, IceCandidate candidate) {}

    /** Where packets go, and what is known of it. */
    record Path(LocalEnd local, TransportAddress remote, SelectedPair pair) {}

    Generation(PortSession session, IceParameters local) {
        this.session = session;
        this.local = local;
    }

    /** Whether one more name may be asked for. */
    boolean mayAsk() {
        return names++ < MAX_NAMES;
    }

    /** What the peer called this address of its own. */
    IceCandidate.Kind kind(TransportAddress address) {
        for (Remote each : remoteCandidates) {
            if (each.address.equals(address)) return each.candidate.kind();
        }
        return IceCandidate.Kind.PRFLX;
    }

    /** Who we are, once the peer's parameters are known. */
    @Nullable Identity identity(long tieBreaker) {
        IceParameters other = remote;
        return other == null ? null : new Identity(local, other, controlling, tieBreaker);
    }
}
