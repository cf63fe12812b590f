package dev.peerline.datachannel.ice;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;

/**
 * One peer's path: candidates and checks in, packets over the pair that won. Thread-safe; what the
 * listener is told happens on the thread of the {@link IceLoop}, and no method waits.
 *
 * <p>The order of calls: {@link #localParameters} into the offer or answer, {@link #gather}, {@link
 * #setRemote} when the peer's are known, {@link #addRemoteCandidate} at any time after. A peer that
 * changes its parameters has restarted: answer with {@link #restart} and its new ones.
 */
public interface IceSession extends AutoCloseable {
    /** Those of the latest {@link #restart}. */
    IceParameters localParameters();

    /**
     * Looks for local candidates, and tells the listener each. Again after a {@link #restart} it
     * does so by itself.
     */
    void gather();

    /**
     * Begins the checks with the peer's parameters, for which {@link #gather} must have been
     * called. With the same parameters once more nothing happens; with others after a {@link
     * #restart} its checks begin.
     *
     * @throws IllegalStateException if the parameters are others and there was no restart
     */
    void setRemote(IceParameters remote, IceRole role);

    /**
     * Adds a candidate of the peer's, at any time, also before {@link #setRemote} and long after.
     * What cannot be used (another component, unknown names, TCP unless {@link TcpOptions#active},
     * a username fragment of before a restart) is ignored.
     */
    void addRemoteCandidate(IceCandidate candidate);

    /**
     * Reads and adds a candidate attribute.
     *
     * @return false if it is malformed
     */
    default boolean addRemoteCandidate(String attribute) {
        IceCandidate candidate = IceCandidate.parse(attribute);
        if (candidate == null) return false;
        addRemoteCandidate(candidate);
        return true;
    }

    /** The peer has no more candidates: when all checks have failed, so has the session. */
    void endOfRemoteCandidates();

    /**
     * Sends a packet to the peer over the selected pair; before there is one, back to where the
     * last packet came from. Never waits; like any datagram it may be lost. On the loop's thread
     * packets of one turn leave together.
     *
     * @param packet position to limit, at most {@link IceOptions#MAX_PACKET_BYTES}; copied, its
     *     position left alone
     * @return false if it was discarded: no pair, consent lost, or too much is waiting to be sent
     */
    boolean send(ByteBuffer packet);

    /**
     * Says that the peer has authenticated itself with packets over the path in use, both ways. If
     * the checks of this side are not answered yet (the peer's were, or it would send nothing), the
     * pair counts as valid from now on and the state becomes {@link IceState#CONNECTED}; else
     * nothing happens. On the loop's thread.
     */
    void proven();

    /**
     * Takes other options, servers among them, for what is gathered and checked from now on: all of
     * it before {@link #gather}, else after the next {@link #restart}.
     */
    void setOptions(IceOptions options);

    /**
     * Begins anew with other parameters (RFC 8445 §9) and gathers all of it again: with the options
     * of now, on the addresses the machine has now, and with relays of its own. Until the new
     * checks select a pair, packets take the old one; then its relays are given back.
     *
     * @return the new local parameters
     */
    IceParameters restart();

    IceState state();

    IceGatheringState gatheringState();

    @Nullable SelectedPair selectedPair();

    IceStats stats();

    /** The loop that listeners are called on, for timers and tasks beside them. */
    IceLoop loop();

    /** Ends all of it; the listener is told {@link IceState#CLOSED} if it was not yet. */
    @Override
    void close();
}
