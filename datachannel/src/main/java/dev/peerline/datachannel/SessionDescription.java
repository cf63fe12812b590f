package dev.peerline.datachannel;

import java.util.Locale;

/**
 * An offer or an answer, for the other side to be told (the W3C's RTCSessionDescription).
 *
 * @param sdp empty for {@link Type#ROLLBACK}
 */
public record SessionDescription(Type type, String sdp) {
    /** What a description is for. */
    public enum Type {
        OFFER,
        ANSWER,
        /** Takes an offer back. */
        ROLLBACK;

        /** As in the W3C's JSON: {@code offer}, {@code answer}, {@code rollback}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /**
         * Reads the W3C's name.
         *
         * @throws IllegalArgumentException if it is another ({@code pranswer} among them)
         */
        public static Type parse(String name) {
            for (Type type : values()) if (type.toString().equals(name)) return type;
            throw new IllegalArgumentException("type must be offer, answer or rollback: " + name);
        }
    }

    public static SessionDescription offer(String sdp) {
        return new SessionDescription(Type.OFFER, sdp);
    }

    public static SessionDescription answer(String sdp) {
        return new SessionDescription(Type.ANSWER, sdp);
    }

    public static SessionDescription rollback() {
        return new SessionDescription(Type.ROLLBACK, "");
    }
}
