package dev.peerline.fallback.http;

import dev.peerline.fallback.link.mailbox.Mailboxes.Commit;
import dev.peerline.fallback.link.session.DownReader;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Whoever keeps the sessions that carriers carry. Thread-safe; nothing here waits. Times are
 * monotonic milliseconds.
 */
public interface Sessions {
    /** Asked when a carrier opens, before anything of it is read. */
    Answer knock(Visitor visitor);

    /** Takes the first frame. When the answer is {@link Greeted}, the session is the carrier's. */
    Answer greet(Visitor visitor, Hello hello, Carrier carrier, long nowMillis);

    /**
     * Takes a POST: its frames count for a session that is here already, each by a rule that makes
     * a repetition harmless. Who reads stays who reads.
     *
     * @param frames what follows the {@code HELLO}
     */
    Posted post(Visitor visitor, Hello hello, List<UpFrame> frames, long nowMillis);

    /** Lets time pass: presence changes. Called a few times a second. */
    void advance(long nowMillis);

    /** What a door says. */
    sealed interface Answer {}

    /**
     * Come in.
     *
     * @param limitsKey whose limits count; null for somebody who is exempt
     */
    record Welcomed(@Nullable String limitsKey) implements Answer {}

    /**
     * Come in, this is your session.
     *
     * @param reader what the carrier writes; {@code WELCOME} is in it already, unless a poll can do
     *     without
     * @param resumed whether there was a session that goes on
     */
    record Greeted(Session session, DownReader reader, @Nullable String limitsKey, boolean resumed)
            implements Answer {}

    /** Stay outside. */
    record Refused(Ending ending) implements Answer {
        public Refused(Refusal refusal) {
            this(Ending.because(refusal));
        }
    }

    /**
     * What came of a POST.
     *
     * @param taken every way-up number up to and including this one was taken; {@link #NOTHING}
     *     where there is no session to take any
     * @param ending why it is refused, or ends the session; null when all is well
     * @param limitsKey whose limits count; null for somebody who is exempt
     * @param commit what has to be kept before the answer says so
     */
    record Posted(long taken, @Nullable Ending ending, @Nullable String limitsKey, Commit commit) {
        public static final long NOTHING = -1;

        public static Posted refused(Ending why) {
            return new Posted(NOTHING, why, null, Commit.KEPT);
        }
    }

    /** A session as one of its carriers sees it. */
    interface Session {
        /**
         * Takes the frames of one packet.
         *
         * @param bytes the packet's length
         * @return why the carrier ends; null when all is well
         */
        @Nullable Ending receive(List<UpFrame> frames, int bytes, long nowMillis);

        /** Messages of topics, and gaps in them, were written to a carrier. */
        default void delivered(CarrierKind kind, long messages, long gaps) {}

        /** Its reader was told of a gap: a roster is due. */
        void gapTold();

        /**
         * Why the carrier ends for the passing of time alone, as when its token expires; or null.
         */
        @Nullable Ending check(long nowMillis);

        /** The carrier is gone, for whatever reason. */
        void closed(long nowMillis);
    }
}
