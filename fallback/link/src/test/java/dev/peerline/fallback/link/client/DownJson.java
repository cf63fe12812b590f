package dev.peerline.fallback.link.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.EntryBody;
import dev.peerline.fallback.link.wire.FrameJson;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.TopicJson;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.fallback.link.wire.WireWriter;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** What a server says, from docs/vectors/session.json. */
final class DownJson {
    private DownJson() {}

    static Bytes encode(JsonArray frames) {
        WireWriter out = new WireWriter();
        for (JsonElement frame : frames) out.frame(frame(frame.getAsJsonObject()));
        return out.take();
    }

    private static DownFrame frame(JsonObject f) {
        return switch (text(f, "type")) {
            case "WELCOME" -> welcome(f);
            case "ENTRY" -> new DownFrame.Entry(number(f, "log"), number(f, "offset"), body(f));
            case "UPACK" -> new DownFrame.UpAck(number(f, "number"));
            case "DATAGRAM" ->
                    new DownFrame.Datagram(
                            SessionScenario.member(f.get("from")),
                            number(f, "to"),
                            bytes(f, "frames"));
            case "PONG" -> new DownFrame.Pong(bytes(f, "probe"));
            case "ERROR" ->
                    new Refusal(
                            text(f, "code"),
                            text(f, "message"),
                            f.get("retriable").getAsBoolean(),
                            f.has("retryAfterMs") ? number(f, "retryAfterMs") : 0,
                            optional(f, "hint"));
            case "GAP" ->
                    new DownFrame.Gap(number(f, "log"), number(f, "offset"), text(f, "reason"));
            case "MOVE" -> new DownFrame.Move(number(f, "retryAfterMs"));
            default -> Objects.requireNonNull(TopicJson.down(f), () -> "unknown frame " + f);
        };
    }

    private static Welcome welcome(JsonObject f) {
        Welcome.Terms terms =
                new Welcome.Terms(
                        number(f, "awayMs"),
                        number(f, "pingMs"),
                        (int) number(f, "maxPacketBytes"),
                        text(f, "server"),
                        f.has("topics") ? (int) number(f, "topics") : 0);
        return new Welcome(
                Objects.requireNonNull(Id.parse(text(f, "id"))),
                text(f, "name"),
                new Cursor(number(f, "epoch"), number(f, "offset")),
                number(f, "up"),
                f.get("resumed").getAsBoolean(),
                terms,
                optional(f, "iceServers"),
                f.has("expires") ? number(f, "expires") : 0);
    }

    private static EntryBody body(JsonObject f) {
        return switch (text(f, "kind")) {
            case "ENVELOPE" ->
                    new EntryBody.Envelope(
                            SessionScenario.member(f.get("from")),
                            number(f, "to"),
                            bytes(f, "frames"));
            case "SIGNAL" ->
                    new EntryBody.Signal(
                            SessionScenario.member(f.get("from")),
                            number(f, "to"),
                            bytes(f, "fields"));
            case "ROSTER" -> {
                List<PeerRecord> peers = new ArrayList<>();
                for (JsonElement peer : f.getAsJsonArray("peers")) peers.add(peer(peer));
                yield new EntryBody.Roster(peers);
            }
            case "PRESENCE" ->
                    new EntryBody.Presence(
                            EntryBody.Change.valueOf(text(f, "change").toUpperCase(Locale.ROOT)),
                            peer(f.get("peer")));
            case "PUBLISHED" -> TopicJson.published(f);
            default -> new EntryBody.Unknown(number(f, "kind"), bytes(f, "content"));
        };
    }

    private static PeerRecord peer(JsonElement json) {
        JsonObject peer = json.getAsJsonObject();
        boolean away = text(peer, "state").equals("away");
        CarrierKind carrier = FrameJson.carrier(text(peer, "carrier"));
        return new PeerRecord(SessionScenario.member(peer), away, carrier, text(peer, "name"));
    }

    private static Bytes bytes(JsonObject json, String name) {
        return SessionScenario.bytes(json.get(name));
    }

    private static long number(JsonObject json, String name) {
        return json.get(name).getAsLong();
    }

    private static String text(JsonObject json, String name) {
        return json.get(name).getAsString();
    }

    private static @Nullable String optional(JsonObject json, String name) {
        return json.has(name) ? text(json, name) : null;
    }
}
