package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;

/** A carrier at its seat: what it reads, and what its group numbers mean. Not thread-safe. */
public final class Attachment {
    private final Seat seat;
    private final Carrier carrier;
    private final DownReader reader;
    private final boolean resumed;
    private final Log.Waiting waiting;

    /** By group number; grows with the numbers that are used. */
    private @Nullable List<Member>[] groups = newGroups(1);

    Attachment(Seat seat, Carrier carrier, boolean resumed) {
        this.seat = seat;
        this.carrier = carrier;
        this.resumed = resumed;
        Log mailbox = seat.mailbox();
        reader = new DownReader(mailbox, seat.session().cursor().offset(), seat.session().taken());
        waiting = mailbox.await(carrier::wake);
    }

    /** Whether nothing was lost. */
    public boolean resumed() {
        return resumed;
    }

    /** Where reading goes on. */
    public Cursor cursor() {
        return seat.session().cursor();
    }

    /** The highest way-up number that was taken. */
    public long taken() {
        return seat.session().taken();
    }

    public DownReader reader() {
        return reader;
    }

    Seat seat() {
        return seat;
    }

    Carrier carrier() {
        return carrier;
    }

    boolean present() {
        return seat.attachment == this;
    }

    void detach() {
        waiting.cancel();
        if (present()) seat.attachment = null;
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
