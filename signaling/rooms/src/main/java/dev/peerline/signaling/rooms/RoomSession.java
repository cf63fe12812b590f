package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.Sessions;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.Admission.Grant;
import dev.peerline.signaling.rooms.Admission.Request;
import dev.peerline.signaling.rooms.Rooms.Cell;
import dev.peerline.signaling.rooms.room.Attachment;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/** One carrier's way into its room: lock, act, and see to tokens. Thread-safe. */
final class RoomSession implements Sessions.Session {
    private final Rooms rooms;
    private final Visitor visitor;
    private final Request request;
    private final Grant grant;

    /** Set once, before anybody else knows this session. */
    private @Nullable Cell cell;

    private @Nullable Attachment attachment;

    private volatile long expiresMillis;

    RoomSession(Rooms rooms, Visitor visitor, Request request, Grant grant, long nowMillis) {
        this.rooms = rooms;
        this.visitor = visitor;
        this.request = request;
        this.grant = grant;
        expiresMillis = expiry(grant, nowMillis);
    }

    Visitor visitor() {
        return visitor;
    }

    Grant grant() {
        return grant;
    }

    void attach(Cell room, Attachment seated) {
        cell = room;
        attachment = seated;
    }

    @Override
    public @Nullable Ending receive(List<UpFrame> frames, int bytes, long nowMillis) {
        for (UpFrame frame : frames) {
            if (!(frame instanceof UpFrame.Token(String token))) continue;
            Ending refused = refresh(token, nowMillis);
            if (refused != null) return refused;
        }
        Received received = new Received();
        rooms.within(
                cell(),
                room -> received.why = room.receive(attachment(), frames, bytes, nowMillis));
        return received.why;
    }

    private static final class Received {
        private @Nullable Ending why;
    }

    /** The door is asked without the room's lock. */
    private @Nullable Ending refresh(String token, long nowMillis) {
        Request again = new Request(request.room(), request.peerId(), request.name(), token);
        return switch (rooms.admit(visitor, again)) {
            case Admission.Refusal refusal -> Rooms.ending(refusal);
            case Grant fresh -> {
                expiresMillis = expiry(fresh, nowMillis);
                yield null;
            }
        };
    }

    @Override
    public void gapTold() {
        rooms.within(cell(), room -> room.gapTold(attachment()));
    }

    @Override
    public @Nullable Ending check(long nowMillis) {
        return nowMillis < expiresMillis
                ? null
                : Ending.because(ErrorCode.TOKEN_EXPIRED, "The token was good until now.");
    }

    @Override
    public void closed(long nowMillis) {
        rooms.within(cell(), room -> room.closed(attachment(), nowMillis));
    }

    private Cell cell() {
        return Objects.requireNonNull(cell);
    }

    private Attachment attachment() {
        return Objects.requireNonNull(attachment);
    }

    /** Tokens end by the time of day, sessions by a clock that does not jump. */
    private static long expiry(Grant grant, long nowMillis) {
        if (grant.expiresAtMillis() == Grant.NEVER) return Long.MAX_VALUE;
        return nowMillis + grant.expiresAtMillis() - System.currentTimeMillis();
    }
}
