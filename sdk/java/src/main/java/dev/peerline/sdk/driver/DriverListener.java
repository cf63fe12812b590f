package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.SessionEvent;
import dev.peerline.fallback.link.client.TopicWay;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.sdk.PeerlineException;

import org.jspecify.annotations.Nullable;

/** What a driver tells of one peer's room, on the loop. */
public interface DriverListener {
    /** The server has said who is there. */
    void opened();

    /**
     * Whether the session works has changed, or what is known of why it does not.
     *
     * @param why it is not open, when that is known
     */
    void state(boolean open, @Nullable PeerlineException why);

    void closed(PeerlineException why);

    void presence(Change change, PeerRecord peer);

    void message(PairEvent.Message message);

    void gap(PairEvent.Gap gap);

    void settled(PairEvent.Settled receipt);

    /** The kind of the path to a peer may have changed. */
    void moved(Id id, String reason, long fragments, long stalledNanos);

    /** Where topics are asked for, on the loop; told before all else. */
    void topics(TopicWay way);

    /** Something about topics. */
    void topical(SessionEvent.Topical event);

    /** Something that the application should hear of. */
    void error(PeerlineException error);

    /** Whether listeners are so far behind that no more should come now. */
    boolean congested();
}
