package dev.peerline.signaling.rooms;

import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.http.Sessions;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.signaling.rooms.Rooms.Cell;
import dev.peerline.signaling.rooms.room.Attachment;
import dev.peerline.signaling.rooms.room.TopicRights;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/** One carrier's way into its room: lock, act, and see to tokens. Thread-safe. */
final class RoomSession implements Sessions.Session {
    private final Rooms rooms;

    /** Used by the thread that reads the carrier. */
    private final Pass pass;

    /** Set once, before anybody else knows this session. */
    private @Nullable Cell cell;

    private @Nullable Attachment attachment;

    /** Only for the thread that reads the carrier: it has said something about topics. */
    private boolean usesTopics;

    RoomSession(Rooms rooms, Pass pass) {
        this.rooms = rooms;
        this.pass = pass;
    }

    void attach(Cell room, Attachment seated) {
        cell = room;
        attachment = seated;
        seated.expiresMillis(pass.expiresMillis());
    }

    /** Reads on what was subscribed to while its carrier was on its way. */
    void readOn() {
        TopicRights rights = pass.rights();
        usesTopics = true;
        rooms.within(cell(), _ -> attachment().readOn(rights));
    }

    @Override
    public void delivered(CarrierKind kind, long messages, long gaps) {
        rooms.delivered(kind, messages, gaps);
    }

    @Override
    public @Nullable Ending receive(List<UpFrame> frames, int bytes, long nowMillis) {
        if (frames.stream().anyMatch(UpFrame.Token.class::isInstance)) {
            Ending refused = pass.refresh(frames, nowMillis);
            if (refused != null) return refused;
            attachment().expiresMillis(pass.expiresMillis());
            if (usesTopics) allow(pass.rights());
        }
        if (!usesTopics && frames.stream().anyMatch(Rooms::isAboutTopics)) {
            usesTopics = true;
            allow(pass.rights());
        }
        Ending trouble = rooms.trouble(frames);
        if (trouble != null) return trouble;
        Received received = new Received();
        rooms.within(
                cell(),
                room -> received.why = room.receive(attachment(), frames, bytes, nowMillis));
        return received.why;
    }

    private void allow(TopicRights rights) {
        rooms.within(cell(), _ -> attachment().allow(rights));
    }

    private static final class Received {
        private @Nullable Ending why;
    }

    @Override
    public void gapTold() {
        rooms.within(cell(), room -> room.gapTold(attachment()));
    }

    @Override
    public @Nullable Ending check(long nowMillis) {
        return Pass.check(attachment().expiresMillis(), nowMillis);
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
}
