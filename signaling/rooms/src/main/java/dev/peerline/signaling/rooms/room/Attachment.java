package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.Welcome;

/**
 * A carrier at its seat: what it reads, and what its group numbers mean. Not thread-safe, but for
 * {@link #expiresMillis}.
 */
public final class Attachment {
    private final Seat seat;
    private final Carrier carrier;
    private final DownReader reader;
    private final boolean resumed;
    private final Log.Waiting waiting;
    private final Sender sender;

    /** On the clock of the room: when its token ends. */
    private volatile long expiresMillis = Long.MAX_VALUE;

    Attachment(Seat seat, Carrier carrier, boolean resumed) {
        this.seat = seat;
        this.sender = new Sender(seat);
        this.carrier = carrier;
        this.resumed = resumed;
        Log mailbox = seat.mailbox();
        reader = new DownReader(mailbox, seat.session().cursor().offset(), up());
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

    /**
     * The highest way-up number that its client is told: what is kept, for it forgets that; where
     * the session begins anew all that was taken, for it counts on from there.
     */
    public long up() {
        return resumed ? seat.session().kept() : seat.session().taken();
    }

    public DownReader reader() {
        return reader;
    }

    /** When the session ends unless a fresh token comes before; monotonic milliseconds. */
    public long expiresMillis() {
        return expiresMillis;
    }

    public void expiresMillis(long atMillis) {
        expiresMillis = atMillis;
    }

    /**
     * Whether its client is to be told {@code WELCOME}: always, but for a poll that was welcomed
     * and would learn nothing new. Then it counts as told.
     */
    public boolean mustTell(Welcome welcome, Hello hello, long nowMillis) {
        boolean asksBriefly = hello.welcomed() && seat.polls() && resumed;
        Told told = new Told(welcome.name(), welcome.expiresAtMillis(), seat.polls(), nowMillis);
        if (asksBriefly && told.addsNothingTo(seat.told)) return false;
        seat.told = told;
        return true;
    }

    /** Whether there are topics that its client may not have listed when it greeted. */
    public boolean awaitsTopics() {
        return resumed && seat.subscriptions().hasUnlisted();
    }

    /** What was subscribed to lately is read by this carrier too, as far as the token allows. */
    public void readOn(TopicRights rights) {
        if (!present()) return;
        sender.rights(rights);
        seat.subscriptions().carryOver(this);
    }

    /** A token was shown by it: from now on it may do this with topics, and nothing else. */
    public void allow(TopicRights rights) {
        sender.rights(rights);
        if (present()) seat.subscriptions().judgeAgain(this);
    }

    /** Reads what is listed. It writes once it has begun, and must not be woken before. */
    void list(TopicListing listing) {
        seat.subscriptions().list(this, listing);
    }

    Seat seat() {
        return seat;
    }

    Sender sender() {
        return sender;
    }

    Carrier carrier() {
        return carrier;
    }

    boolean present() {
        return seat.attachment == this;
    }

    void detach() {
        waiting.cancel();
        reader.leaveTopics();
        if (present()) seat.attachment = null;
    }
}
