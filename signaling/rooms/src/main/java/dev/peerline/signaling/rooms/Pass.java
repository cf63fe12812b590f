package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.Admission.Grant;
import dev.peerline.signaling.rooms.Admission.Request;
import dev.peerline.signaling.rooms.room.TopicRights;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * Until when somebody may be in a room, and how that is prolonged. Used by one thread at a time;
 * the door is asked without a lock.
 */
final class Pass {
    private final Rooms rooms;
    private final Visitor visitor;
    private final Request request;
    private @Nullable String token;
    private @Nullable TopicRights rights;
    private long expiresMillis;

    Pass(Rooms rooms, Visitor visitor, Request request, Grant grant, long nowMillis) {
        this.rooms = rooms;
        this.visitor = visitor;
        this.request = request;
        token = request.token();
        expiresMillis = expiry(grant, nowMillis);
    }

    /** What its token allows with topics. */
    TopicRights rights() {
        TopicRights known = rights;
        if (known != null) return known;
        TopicRights asked = rooms.rights(visitor, token);
        rights = asked;
        return asked;
    }

    /** On the clock of sessions; {@code Long.MAX_VALUE} for never. */
    long expiresMillis() {
        return expiresMillis;
    }

    @Nullable Ending check(long nowMillis) {
        return check(expiresMillis, nowMillis);
    }

    static @Nullable Ending check(long expiresMillis, long nowMillis) {
        return nowMillis < expiresMillis
                ? null
                : Ending.because(ErrorCode.TOKEN_EXPIRED, "The token was good until now.");
    }

    /** Shows the tokens among some frames to the door; returns why one is refused. */
    @Nullable Ending refresh(List<UpFrame> frames, long nowMillis) {
        for (UpFrame frame : frames) {
            if (!(frame instanceof UpFrame.Token(String shown))) continue;
            Request again = new Request(request.room(), request.peerId(), request.name(), shown);
            switch (rooms.admit(visitor, again)) {
                case Admission.Refusal refusal -> {
                    return Rooms.ending(refusal);
                }
                case Grant fresh -> {
                    expiresMillis = expiry(fresh, nowMillis);
                    token = shown;
                    rights = null;
                }
            }
        }
        return null;
    }

    /** Tokens end by the time of day, sessions by a clock that does not jump. */
    private static long expiry(Grant grant, long nowMillis) {
        if (grant.expiresAtMillis() == Grant.NEVER) return Long.MAX_VALUE;
        return nowMillis + grant.expiresAtMillis() - System.currentTimeMillis();
    }
}
