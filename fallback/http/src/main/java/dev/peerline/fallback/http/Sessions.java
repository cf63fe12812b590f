package dev.peerline.fallback.http;

import dev.peerline.fallback.link.session.DownReader;
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
     * @param reader what the carrier writes; {@code WELCOME} is in it already
     */
    record Greeted(Session session, DownReader reader, @Nullable String limitsKey)
            implements Answer {}

    /** Stay outside. */
    record Refused(Ending ending) implements Answer {
        public Refused(Refusal refusal) {
            this(Ending.because(refusal));
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
