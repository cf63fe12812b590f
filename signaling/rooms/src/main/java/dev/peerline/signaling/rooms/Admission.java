package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.ErrorCode;

import org.jspecify.annotations.Nullable;

/**
 * The door of the rooms: who may come in, under which name, until when. Called from I/O threads and
 * never under a lock; it computes and does not wait.
 */
public interface Admission {
    /**
     * Asked when a carrier opens, before anything of it is read: may this origin and host talk to
     * this server at all, and whose connections does it count among?
     */
    Decision knock(Visitor visitor);

    /** Asked at each {@code HELLO}, a resume too, and at each {@code TOKEN}. */
    Decision admit(Visitor visitor, Request request);

    /**
     * What a client asks for. The room's name was checked ({@code [A-Za-z0-9_-]{1,64}}), the peer's
     * was not, except that it has at most 64 characters.
     *
     * @param peerId the peer's id, 22 characters of base64url
     * @param name what the client wants to be called; null when it did not say
     * @param token as it came; null when there is none
     */
    record Request(String room, String peerId, @Nullable String name, @Nullable String token) {}

    /** The answer. */
    sealed interface Decision permits Grant, Refusal {}

    /**
     * Come in.
     *
     * @param name what others see: the token's name, else the client's, else empty. At most 64
     *     characters. {@link #knock} leaves it empty
     * @param expiresAtMillis Unix ms at which the session ends unless a fresh token comes before;
     *     {@link #NEVER} where there is no token
     * @param limitsKey whose limits count (the token's subject where one exists, else the address);
     *     null for somebody who is exempt from limits an address, a user and a rate
     */
    record Grant(String name, long expiresAtMillis, @Nullable String limitsKey)
            implements Decision {
        public static final long NEVER = Long.MAX_VALUE;
    }

    /**
     * Stay outside.
     *
     * @param code {@code UNAUTHORIZED}, {@code TOKEN_EXPIRED}, {@code FORBIDDEN_ORIGIN} or {@code
     *     FORBIDDEN_HOST}; any other works too
     * @param message a sentence for the developer
     * @param hint what would help; null when nothing comes to mind
     */
    record Refusal(ErrorCode code, String message, @Nullable String hint) implements Decision {}
}
