package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.link.session.ServerSession;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * The frames of one POST, and what counts of them: docs/protocol.md, section 6. Not thread-safe.
 */
final class PostedFrames {
    private final Room room;
    private final Hello hello;
    private final Sender sender;
    private final boolean upsCount;
    private final boolean acksCount;
    private final boolean byeCounts;
    private final boolean datagramsCount;

    PostedFrames(Room room, Seat seat, Hello hello) {
        this.room = room;
        this.hello = hello;
        sender = new Sender(seat);
        ServerSession session = seat.session();
        upsCount = session.knows(hello);
        acksCount = session.isOfThisEpoch(hello);
        byeCounts = session.belongsToPresent(hello);
        datagramsCount = session.takePost(hello.post());
    }

    Sender sender() {
        return sender;
    }

    /** Takes them; returns why the session's way down ends. */
    @Nullable Ending take(List<UpFrame> frames, long nowMillis) {
        for (UpFrame frame : frames) {
            if (frame instanceof UpFrame.Bye bye) {
                if (!byeCounts) continue;
                room.end(sender.seat(), Ending.DONE);
                sender.seat().session().leave(hello);
                return room.bye(sender.seat(), bye, nowMillis);
            }
            Ending why = counts(frame) ? room.take(sender, frame) : null;
            if (why != null) return why;
        }
        return null;
    }

    private boolean counts(UpFrame frame) {
        return switch (frame) {
            case UpFrame.Up up -> upsCount && up.number() <= sender.seat().session().taken() + 1;
            case UpFrame.Ack _ -> acksCount;
            case UpFrame.Datagram _ -> datagramsCount;
            default -> true;
        };
    }
}
