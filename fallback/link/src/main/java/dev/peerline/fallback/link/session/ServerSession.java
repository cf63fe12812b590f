package dev.peerline.fallback.link.session;

import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;

import org.jspecify.annotations.Nullable;

/**
 * What the server knows of one id's session: its incarnation, how far its way up was taken, and its
 * mailbox, which outlives incarnations. Carriers come and go. Not thread-safe. See
 * docs/protocol.md, section 2, how a session goes.
 */
public final class ServerSession {
    /** What a {@code HELLO} comes to. */
    public enum Greeting {
        /** The session begins anew: {@code resumed = 0}, and a roster is due. */
        BEGUN,
        /** It goes on where it was: {@code resumed = 1}. */
        RESUMED,
        /** Refused: a higher incarnation is here. */
        REPLACED,
        /** Refused: a later carrier of the same incarnation was faster. */
        OVERTAKEN
    }

    /** What becomes of a numbered frame. */
    public enum Taking {
        /** It is new: act on it. */
        NEW,
        /** It was taken before: nothing to do. */
        AGAIN,
        /** Numbers before it are missing: the client is wrong. */
        HOLE
    }

    /** Below every attempt. */
    private static final long NEVER = -1;

    private final Id id;
    private final Log mailbox;

    private @Nullable Member member;
    private long attempt;

    /** Its client said goodbye with this attempt: what it had asked by then is late. */
    private long over = NEVER;

    private long post;
    private long taken;
    private long readAfter;

    /** What of {@link #taken} is kept whatever happens, and of which incarnation. */
    private Kept kept = new Kept(0, 0);

    private record Kept(long incarnation, long number) {}

    public ServerSession(Id id, Log mailbox) {
        this.id = id;
        this.mailbox = mailbox;
    }

    /** A session that an earlier server kept, as it was. */
    public ServerSession(Id id, Log mailbox, State state) {
        this(id, mailbox);
        member = new Member(id, state.incarnation);
        attempt = state.attempt;
        post = state.post;
        taken = state.taken;
        kept = new Kept(state.incarnation, taken);
    }

    /** What is to be kept of it beside its mailbox. */
    public record State(long incarnation, long attempt, long post, long taken) {}

    public State state() {
        return new State(member().incarnation(), attempt, post, taken);
    }

    /** Whoever is here now. Misuse before the first {@link #greet}. */
    public Member member() {
        if (member == null) throw new IllegalStateException("nobody was greeted yet");
        return member;
    }

    public Log mailbox() {
        return mailbox;
    }

    /** Every way-up number up to and including this one was taken. */
    public long taken() {
        return taken;
    }

    /**
     * How much of {@link #taken} its client may be told, and forget: what would still be there
     * after a crash.
     */
    public synchronized long kept() {
        return kept.number;
    }

    /**
     * Everything up to and including this number is kept. Thread-safe: it is said without the
     * room's lock, and may be late.
     */
    public synchronized void kept(long incarnation, long number) {
        if (incarnation != kept.incarnation || number <= kept.number) return;
        kept = new Kept(incarnation, number);
    }

    private synchronized void begin(long incarnation) {
        kept = new Kept(incarnation, taken);
    }

    /** Where the carrier that was greeted last reads on. */
    public Cursor cursor() {
        return new Cursor(mailbox.epoch(), readAfter);
    }

    /** Judges a {@code HELLO}; after {@code BEGUN} and {@code RESUMED} its carrier is the one. */
    public Greeting greet(Hello hello) {
        boolean sameIncarnation = member != null && hello.incarnation() == member.incarnation();
        if (member != null && hello.incarnation() < member.incarnation()) return Greeting.REPLACED;
        boolean late = hello.attempt() < attempt || hello.attempt() <= over;
        if (sameIncarnation && late) return Greeting.OVERTAKEN;
        boolean races = sameIncarnation && attempt > 0 && hello.attempt() > attempt;
        attempt = hello.attempt();

        Cursor cursor = hello.cursor();
        long known = -1;
        if (cursor == null && races) {
            // Written before its client was welcomed on another carrier: it is of that session.
            known = mailbox.forgotten();
        } else if (cursor != null && sameIncarnation) {
            known = mailbox.resume(cursor);
        }
        if (known >= 0) {
            mailbox.acknowledge(known);
            readAfter = known;
            // Below its base nothing comes any more, even if a crash made this server forget it.
            taken = Math.max(taken, hello.base() - 1);
            return Greeting.RESUMED;
        }
        // The numbers of one incarnation mean the same frames for ever: what was taken stays taken.
        taken = sameIncarnation ? Math.max(taken, hello.base() - 1) : hello.base() - 1;
        if (!sameIncarnation) {
            post = 0;
            over = NEVER;
            begin(hello.incarnation());
        }
        member = new Member(id, hello.incarnation());
        // What nobody has acknowledged is for the new incarnation too.
        readAfter = mailbox.forgotten();
        return Greeting.BEGUN;
    }

    /** What a POST's {@code HELLO} comes to. It changes nothing of who reads. */
    public enum Posting {
        /** It is of this session: its frames count, each by its own rule. */
        MINE,
        /** There is no session of that incarnation. */
        NO_SESSION,
        /** Refused: a higher incarnation is here. */
        REPLACED
    }

    /** Judges a POST's {@code HELLO}. */
    public Posting judge(Hello hello) {
        if (member == null || hello.incarnation() > member.incarnation()) return Posting.NO_SESSION;
        return hello.incarnation() < member.incarnation() ? Posting.REPLACED : Posting.MINE;
    }

    /** Takes the number of a POST; false when one as high was taken: its datagrams come again. */
    public boolean takePost(long number) {
        if (number <= post) return false;
        post = number;
        return true;
    }

    /** Whether a POST belongs to the present carrier, or to one that the server has not seen. */
    public boolean belongsToPresent(Hello hello) {
        return hello.attempt() >= attempt;
    }

    /** Its client said goodbye with the present carrier, and does not return with it. */
    public void leave() {
        over = attempt;
    }

    /** The same by a POST, whose way down may still be on its way. */
    public void leave(Hello hello) {
        over = hello.attempt();
    }

    /**
     * Whether the cursor is of this session: one that began anew since may count its way up anew,
     * and what was sent before that must not be taken for what comes after it.
     */
    public boolean knows(Hello hello) {
        Cursor cursor = hello.cursor();
        return cursor != null && mailbox.resume(cursor) >= 0;
    }

    /** Whether the cursor counts in the present life of the mailbox. */
    public boolean isOfThisEpoch(Hello hello) {
        Cursor cursor = hello.cursor();
        return cursor != null && cursor.epoch() == mailbox.epoch();
    }

    /** Takes a number of the way up, once. */
    public Taking take(long number) {
        if (number <= taken) return Taking.AGAIN;
        if (number > taken + 1) return Taking.HOLE;
        taken = number;
        return Taking.NEW;
    }

    /**
     * Takes an acknowledgement.
     *
     * @return false when it is for something that was never there: the client is wrong
     */
    public boolean acknowledge(long log, long offset) {
        if (log != 0 || offset > mailbox.head()) return false;
        mailbox.acknowledge(offset);
        return true;
    }
}
