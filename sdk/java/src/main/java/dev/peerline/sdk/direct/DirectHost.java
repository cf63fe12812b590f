package dev.peerline.sdk.direct;

import dev.peerline.fallback.link.pair.PairPath;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Signal;

import org.jspecify.annotations.Nullable;

/** What direct paths need of the driver that they belong to. */
public interface DirectHost {
    long nowNanos();

    /** This peer's own. */
    Id id();

    /** The latest that the server told; null when it told none. */
    @Nullable String iceServers();

    /** For how long a pair's acknowledgements have stood still; 0 when none are owed. */
    long silentForNanos(Id id, long nowNanos);

    /** Whether there is a session that a pair can fall to. */
    boolean fallback();

    /** Whether listeners are so far behind that nothing more should come now. */
    boolean congested();

    void signal(Member to, Signal signal);

    /**
     * Sends a probe over the data channel.
     *
     * @param view what this side takes it for: 1 direct, 2 relayed
     */
    void probe(Id id, int view);

    /** Asks the server for a sign of life: what a doubtful path would fall to may be as dead. */
    void askServer();

    void use(Id id, PairPath path, String reason);

    /** Frames that came over the data channel. */
    void received(Member from, Bytes frames);

    /** Whether a direct path is relayed has become known, or changed. */
    void kindChanged(Id id);

    /** Something is to be drained. */
    void changed();
}
