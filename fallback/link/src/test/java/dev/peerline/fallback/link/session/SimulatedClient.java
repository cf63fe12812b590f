package dev.peerline.fallback.link.session;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** The client's half as docs/protocol.md describes it, for simulations. */
final class SimulatedClient {
    static final Bytes KEY = Bytes.of(new byte[Id.KEY_BYTES]);

    private final ArrayDeque<UpFrame.Up> outbox = new ArrayDeque<>();
    private long nextNumber = 1;
    private int sent;
    private long attempt;
    private boolean open;
    private boolean ackDue;
    private @Nullable Cursor cursor;

    /** What came down, in order. */
    final List<String> delivered = new ArrayList<>();

    void say(String text) {
        UpBody body = new UpBody.Envelope(0, Bytes.utf8(text));
        outbox.add(new UpFrame.Up(nextNumber++, body));
    }

    boolean nothingUnacknowledged() {
        return outbox.isEmpty();
    }

    /** A new carrier is up: the first packet on it. */
    Bytes greet() {
        open = false;
        sent = 0;
        long base = outbox.isEmpty() ? nextNumber : outbox.getFirst().number();
        return new Hello("room", KEY, 7, null, null, cursor, base, ++attempt).encode();
    }

    /** The next packet up, or null. */
    @Nullable Bytes transmit() {
        if (!open) return null;
        WireWriter packet = new WireWriter();
        int skipped = 0;
        for (UpFrame.Up up : outbox) {
            if (skipped++ >= sent) packet.frame(up);
        }
        sent = outbox.size();
        Cursor now = cursor;
        if (ackDue && now != null) packet.frame(new UpFrame.Ack(0, now.offset()));
        ackDue = false;
        return packet.size() == 0 ? null : packet.take();
    }

    void receive(Bytes packet) {
        switch (DownFrame.readAll(packet)) {
            case Parsed.Good<List<DownFrame>>(List<DownFrame> frames) -> frames.forEach(this::take);
            case Parsed.Bad<List<DownFrame>> bad -> throw new AssertionError(bad);
        }
    }

    private void take(DownFrame frame) {
        switch (frame) {
            case Welcome welcome -> welcome(welcome);
            case DownFrame.UpAck(long number) -> taken(number);
            case DownFrame.Entry entry -> entry(entry);
            default -> throw new AssertionError("unexpected " + frame);
        }
    }

    private void welcome(Welcome welcome) {
        open = true;
        if (welcome.resumed()) taken(welcome.up());
        else if (cursor != null) throw new AssertionError("the server forgot the session");
        // The first that came; an earlier one may have been lost on its way.
        if (cursor == null) cursor = welcome.cursor();
    }

    private void taken(long number) {
        while (!outbox.isEmpty() && outbox.getFirst().number() <= number) {
            outbox.removeFirst();
            sent = Math.max(0, sent - 1);
        }
    }

    private void entry(DownFrame.Entry entry) {
        Cursor now = cursor;
        if (now == null) throw new AssertionError("an entry before WELCOME");
        ackDue = true;
        if (entry.offset() != now.offset() + 1) {
            throw new AssertionError("entry " + entry.offset() + " after " + now);
        }
        cursor = new Cursor(now.epoch(), entry.offset());
        if (entry.body() instanceof EntryBody.Envelope(_, _, Bytes frames)) {
            delivered.add(new String(frames.toArray(), StandardCharsets.UTF_8));
        }
    }
}
