package dev.peerline.fallback.link.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

import dev.peerline.fallback.link.Vectors;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.FrameJson;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.TopicJson;
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** One scenario of docs/vectors/session.json or session-carriers.json. */
final class SessionScenario {
    private static final long MS = 1_000_000;

    private final JsonObject scenario;
    private final ClientSession session;
    private final boolean several;
    private int newest;

    SessionScenario(JsonObject vectors, JsonObject scenario) {
        this.scenario = scenario;
        session = session(vectors.getAsJsonObject("hello").deepCopy(), scenario);
        several = vectors.has("several");
    }

    void play() {
        for (JsonElement each : scenario.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            long now = step.get("at").getAsLong() * MS;
            perform(step, now);
            long again = step.has("again") ? step.get("again").getAsLong() : 0;
            assertEquals(again, session.framesAgain(), step::toString);
            JsonArray events = new JsonArray();
            for (SessionEvent event; (event = session.nextEvent()) != null; ) {
                events.add(SessionJson.of(event));
            }
            assertEquals(
                    expanded(Vectors.list(step, "events")),
                    Vectors.normal(events),
                    () -> "events of " + step);
            assertEquals(
                    expanded(Vectors.list(step, "transmit")),
                    Vectors.normal(sent(step, now)),
                    () -> "packets of " + step);
            check(step, now);
        }
        assertEquals(scenario.get("upBytes").getAsLong(), session.upBytes(), "what waits");
    }

    /** What the newest carrier sends as it is, what another sends with its number. */
    private JsonArray sent(JsonObject step, long now) {
        JsonArray packets = new JsonArray();
        if (step.has("greet")) {
            JsonObject greeting = new JsonObject();
            greeting.add("greet", frames(session.greet(step.get("greet").getAsInt(), now)));
            packets.add(greeting);
        }
        if (step.has("noTransmit")) return packets;
        for (int carrier = several ? 1 : newest; carrier <= newest; carrier++) {
            for (Bytes packet; (packet = session.transmit(carrier, now)) != null; ) {
                if (carrier == newest) {
                    packets.add(frames(packet));
                    continue;
                }
                JsonObject named = new JsonObject();
                named.addProperty("way", carrier);
                named.add("frames", frames(packet));
                packets.add(named);
            }
        }
        return packets;
    }

    private static ClientSession session(JsonObject hello, JsonObject scenario) {
        if (scenario.has("hello")) {
            for (Map.Entry<String, JsonElement> each :
                    scenario.getAsJsonObject("hello").entrySet()) {
                hello.add(each.getKey(), each.getValue());
            }
        }
        return new ClientSession(
                new ClientSession.Identity(
                        hello.get("room").getAsString(),
                        bytes(hello.get("key")),
                        hello.get("incarnation").getAsLong(),
                        text(hello, "name")),
                text(hello, "token"));
    }

    private void check(JsonObject step, long now) {
        if (step.has("present")) {
            assertEquals(step.get("present").getAsInt(), session.present(), step::toString);
        }
        if (step.has("silentMs")) {
            long silent = step.get("silentMs").getAsLong() * MS;
            assertEquals(silent, session.silentForNanos(now), step::toString);
        }
        if (step.has("deadline")) {
            JsonElement at = step.get("deadline");
            long deadline = at instanceof JsonNull ? Long.MAX_VALUE : at.getAsLong() * MS;
            assertEquals(deadline, session.deadlineNanos(), step::toString);
        }
    }

    private void perform(JsonObject step, long now) {
        int carrier = step.has("way") ? step.get("way").getAsInt() : newest;
        for (Map.Entry<String, JsonElement> each : step.entrySet()) {
            JsonElement with = each.getValue();
            switch (each.getKey()) {
                case "open" -> newest = session.open(way(with), now);
                case "closed" -> session.closed(carrier);
                case "refresh" -> session.refresh(with.getAsString());
                case "envelope" -> session.envelope(members(with), bytes(with, "frames"));
                case "envelopes" -> many(with, session::envelope);
                case "datagram" -> session.datagram(members(with), bytes(with, "frames"));
                case "datagrams" -> many(with, session::datagram);
                case "signal" -> session.signal(member(get(with, "to")), signal(with));
                case "acks" -> session.acks(acks(with));
                case "subscribe" ->
                        session.topics()
                                .subscribe(
                                        get(with, "topic").getAsString(),
                                        TopicJson.place(get(with, "after").getAsString()));
                case "unsubscribe" -> session.topics().unsubscribe(with.getAsLong());
                case "publish" ->
                        session.topics()
                                .publish(
                                        get(with, "topic").getAsString(),
                                        get(with, "mediaType").getAsString(),
                                        get(with, "key").getAsString(),
                                        bytes(with, "body"));
                case "bye" -> session.bye(with.getAsLong());
                case "ping" -> session.ping();
                case "advance" -> session.advance(now);
                case "raw" -> session.receive(carrier, bytes(with), now);
                case "receive" -> session.receive(carrier, down(with), now);
                case "posted" ->
                        session.posted(carrier, with instanceof JsonNull ? null : down(with), now);
                default -> {}
            }
        }
    }

    private static ClientSession.Way way(JsonElement open) {
        if (!(open instanceof JsonObject how)) return ClientSession.Way.SOCKET;
        return switch (how.get("kind").getAsString()) {
            case "stream" -> ClientSession.Way.STREAM;
            case "poll" -> ClientSession.Way.REQUESTS;
            default -> throw new AssertionError("unknown carrier " + open);
        };
    }

    private static Bytes down(JsonElement frames) {
        return DownJson.encode(frames.getAsJsonArray());
    }

    private interface SendsTo {
        void send(List<Member> members, Bytes frames);
    }

    /** The same to so many peers, of the incarnations 1, 2, … */
    private static void many(JsonElement spec, SendsTo how) {
        Id id = Objects.requireNonNull(Id.parse(get(spec, "id").getAsString()));
        for (int incarnation = 1; incarnation <= get(spec, "count").getAsInt(); incarnation++) {
            how.send(List.of(new Member(id, incarnation)), bytes(spec, "frames"));
        }
    }

    private static List<UpBody.Acknowledgement> acks(JsonElement list) {
        List<UpBody.Acknowledgement> acks = new ArrayList<>();
        for (JsonElement ack : list.getAsJsonArray()) {
            acks.add(new UpBody.Acknowledgement(member(get(ack, "to")), bytes(ack, "frames")));
        }
        return acks;
    }

    private static Signal signal(JsonElement with) {
        JsonObject signal = get(with, "signal").getAsJsonObject();
        String kind = get(signal, "kind").getAsString().toUpperCase(Locale.ROOT);
        return new Signal(
                get(signal, "connection").getAsLong(),
                Signal.Kind.valueOf(kind),
                text(signal, "descriptionType"),
                text(signal, "sdp"),
                text(signal, "candidate"),
                text(signal, "sdpMid"),
                signal.has("sdpMLineIndex") ? signal.get("sdpMLineIndex").getAsLong() : -1,
                text(signal, "usernameFragment"),
                text(signal, "reason"));
    }

    private static JsonArray frames(Bytes packet) {
        if (!(UpFrame.readAll(packet) instanceof Parsed.Good<List<UpFrame>>(var frames))) {
            throw new AssertionError("malformed: " + packet);
        }
        return FrameJson.of(frames);
    }

    /** With repeated bytes written out. */
    private static JsonElement expanded(JsonElement json) {
        if (json instanceof JsonArray array) {
            JsonArray all = new JsonArray();
            for (JsonElement each : array) all.add(expanded(each));
            return all;
        }
        if (!(json instanceof JsonObject object)) return json;
        if (object.has("repeat")) return new JsonPrimitive(hex(bytes(object)));
        JsonObject all = new JsonObject();
        for (Map.Entry<String, JsonElement> each : object.entrySet()) {
            all.add(each.getKey(), expanded(each.getValue()));
        }
        return all;
    }

    static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toArray());
    }

    /** Hexadecimal, or {@code {repeat, count}} for many bytes. */
    static Bytes bytes(JsonElement data) {
        String hex =
                data instanceof JsonObject repeated
                        ? get(repeated, "repeat")
                                .getAsString()
                                .repeat(get(repeated, "count").getAsInt())
                        : data.getAsString();
        return Bytes.of(HexFormat.of().parseHex(hex));
    }

    private static Bytes bytes(JsonElement json, String name) {
        return bytes(get(json, name));
    }

    private static List<Member> members(JsonElement with) {
        List<Member> members = new ArrayList<>();
        for (JsonElement member : get(with, "to").getAsJsonArray()) members.add(member(member));
        return members;
    }

    static Member member(JsonElement json) {
        String id = get(json, "id").getAsString();
        return new Member(
                Objects.requireNonNull(Id.parse(id), id), get(json, "incarnation").getAsLong());
    }

    private static JsonElement get(JsonElement json, String name) {
        return json.getAsJsonObject().get(name);
    }

    private static @Nullable String text(JsonObject json, String name) {
        JsonElement value = json.get(name);
        return value == null || value instanceof JsonNull ? null : value.getAsString();
    }
}
