package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Who sends, and what its group numbers mean: for as long as a carrier lasts, or for one POST. Not
 * thread-safe.
 */
final class Sender {
    private final Seat seat;

    /** By group number; grows with the numbers that are used. */
    private @Nullable List<Member>[] groups = newGroups(1);

    private TopicRights rights = TopicRights.NONE;

    Sender(Seat seat) {
        this.seat = seat;
    }

    /** What its token allows; set before the first frame about topics is taken. */
    TopicRights rights() {
        return rights;
    }

    void rights(TopicRights newRights) {
        rights = newRights;
    }

    Seat seat() {
        return seat;
    }

    Member member() {
        return seat.session().member();
    }

    void bind(UpFrame.Bind bind) {
        if (bind.group() >= groups.length) {
            @Nullable List<Member>[] larger = newGroups(UpFrame.MAX_GROUPS);
            System.arraycopy(groups, 0, larger, 0, groups.length);
            groups = larger;
        }
        groups[bind.group()] = bind.members();
    }

    /** Whom a number means; null when it was not bound. */
    @Nullable List<Member> group(int number) {
        return number < groups.length ? groups[number] : null;
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static @Nullable List<Member>[] newGroups(int size) {
        return new List[size];
    }
}
