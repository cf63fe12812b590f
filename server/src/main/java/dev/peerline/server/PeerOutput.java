package dev.peerline.server;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.Gap;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.PathChange;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.PeerEvent;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.Room;

import java.io.PrintWriter;
import java.util.Base64;
import java.util.Locale;

/**
 * Says what happens in a room: messages on stdout and the rest on stderr, or everything on stdout
 * as JSON, an object a line. Thread-safe.
 */
final class PeerOutput {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    private final PrintWriter out;
    private final PrintWriter err;
    private final boolean json;

    PeerOutput(PrintWriter out, PrintWriter err, boolean json) {
        this.out = out;
        this.err = err;
        this.json = json;
    }

    void joined(Room room) {
        JsonArray peers = new JsonArray();
        for (Peer peer : room.peers().values()) peers.add(describe(new JsonObject(), peer));
        JsonObject event = describe(event("joined"), room.me());
        event.addProperty("room", room.id());
        event.add("peers", peers);
        say(event, "joined %s as %s, with %d others".formatted(room.id(), room.me(), peers.size()));
    }

    void peer(PeerEvent change) {
        JsonObject event = event("peer");
        String kind = change.kind().name().toLowerCase(Locale.ROOT);
        event.addProperty("kind", kind);
        describe(event, change.peer());
        say(event, change.peer() + " " + (kind.equals("away") ? "is away" : kind));
    }

    void message(Message message) {
        if (!json) {
            print(message.from() + ": " + text(message.data()));
            return;
        }
        JsonObject event = event("message");
        event.addProperty("from", message.from().id());
        event.addProperty("name", message.from().name());
        Data data = message.data();
        event.addProperty("type", data.kind().name().toLowerCase(Locale.ROOT));
        switch (data.kind()) {
            case TEXT -> event.addProperty("data", data.text());
            case JSON -> event.add("data", data.json());
            case BINARY -> {
                event.addProperty("data", Base64.getEncoder().encodeToString(data.bytes()));
                event.addProperty("encoding", "base64");
            }
        }
        event.addProperty("channel", message.channel());
        event.addProperty("direct", message.direct());
        out.println(GSON.toJson(event));
    }

    void path(PathChange change) {
        JsonObject event = describe(event("path"), change.peer());
        event.addProperty("from", change.from().text());
        event.addProperty("to", change.to().text());
        event.addProperty("reason", change.reason());
        event.addProperty("moved", change.moved());
        event.addProperty("stalledMs", change.stalled().toMillis());
        say(
                event,
                "%s: %s -> %s".formatted(change.peer(), change.from().text(), change.to().text()));
    }

    void gap(Gap gap) {
        JsonObject event = describe(event("gap"), gap.peer());
        event.addProperty("channel", gap.channel());
        event.addProperty("direct", gap.direct());
        event.addProperty("count", gap.count());
        event.addProperty("reason", gap.reason());
        say(event, "%s: %d lost, %s".formatted(gap.peer(), gap.count(), gap.reason()));
    }

    /** Trouble that is not the end. */
    void error(PeerlineException error) {
        if (json) out.println(GSON.toJson(describe(error)));
        complain(error);
    }

    /** Trouble that is. */
    void failed(PeerlineException error) {
        error(error);
    }

    private static JsonObject describe(PeerlineException error) {
        JsonObject event = event("error");
        event.addProperty("code", error.code());
        event.addProperty("message", error.getMessage());
        event.addProperty("retriable", error.retriable());
        event.addProperty("hint", error.hint());
        return event;
    }

    private void complain(PeerlineException error) {
        String hint = error.hint().isEmpty() ? "" : ". " + error.hint();
        err.println(clean("peerline: " + error.code() + ": " + error.getMessage() + hint));
        err.flush();
    }

    private static JsonObject event(String kind) {
        JsonObject event = new JsonObject();
        event.addProperty("event", kind);
        return event;
    }

    private static JsonObject describe(JsonObject event, Peer peer) {
        event.addProperty("id", peer.id());
        event.addProperty("name", peer.name());
        event.addProperty("state", peer.state().name().toLowerCase(Locale.ROOT));
        event.addProperty("path", peer.path().kind().text());
        return event;
    }

    private void say(JsonObject event, String words) {
        if (json) {
            out.println(GSON.toJson(event));
            return;
        }
        err.println(clean("peerline: " + words));
        err.flush();
    }

    private static String text(Data data) {
        return data.kind() == Data.Kind.BINARY ? "(" + data.length() + " bytes)" : data.text();
    }

    private void print(String line) {
        out.println(clean(line));
    }

    /** Text of others moves no cursor, and cannot look like a line of its own. */
    private static String clean(String text) {
        return text.replaceAll("\\R", "\n    ").replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "\uFFFD");
    }
}
