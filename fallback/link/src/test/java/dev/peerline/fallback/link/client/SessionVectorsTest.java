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
import dev.peerline.fallback.link.wire.UpBody;
import dev.peerline.fallback.link.wire.UpFrame;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** docs/vectors/session.json, which every implementation runs: packet for packet. */
final class SessionVectorsTest {
    private static final JsonObject VECTORS = Vectors.load("session.json");
    private static final long MS = 1_000_000;

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Vectors.scenarios(VECTORS, SessionVectorsTest::play);
    }

    private static void play(JsonObject scenario) {
        ClientSession session = session(scenario);
        for (JsonElement each : scenario.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            long now = step.get("at").getAsLong() * MS;
            perform(session, step, now);
            JsonArray events = new JsonArray();
            for (SessionEvent event; (event = session.nextEvent()) != null; ) {
                events.add(SessionJson.of(event));
            }
            assertEquals(
                    expanded(Vectors.list(step, "events")),
                    Vectors.normal(events),
                    () -> "events of " + step);
            JsonArray packets = new JsonArray();
            if (!step.has("noTransmit")) {
                for (Bytes packet; (packet = session.transmit(now)) != null; ) {
                    packets.add(frames(packet));
                }
            }
            assertEquals(
                    expanded(Vectors.list(step, "transmit")),
                    Vectors.normal(packets),
                    () -> "packets of " + step);
            checkTimes(session, step, now);
        }
        assertEquals(scenario.get("upBytes").getAsLong(), session.upBytes(), "what waits");
    }

    private static ClientSession session(JsonObject scenario) {
        JsonObject hello = VECTORS.getAsJsonObject("hello").deepCopy();
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

    private static void checkTimes(ClientSession session, JsonObject step, long now) {
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

    private static void perform(ClientSession session, JsonObject step, long now) {
        for (Map.Entry<String, JsonElement> each : step.entrySet()) {
            JsonElement with = each.getValue();
            switch (each.getKey()) {
                case "open" -> session.open(now);
                case "closed" -> session.closed();
                case "refresh" -> session.refresh(with.getAsString());
                case "envelope" -> session.envelope(members(with), bytes(with, "frames"));
                case "envelopes" -> many(with, session::envelope);
                case "datagram" -> session.datagram(members(with), bytes(with, "frames"));
                case "datagrams" -> many(with, session::datagram);
                case "signal" -> session.signal(member(get(with, "to")), signal(with));
                case "acks" -> session.acks(acks(with));
                case "bye" -> session.bye(with.getAsLong());
                case "ping" -> session.ping();
                case "advance" -> session.advance(now);
                case "raw" -> session.receive(bytes(with), now);
                case "receive" -> session.receive(DownJson.encode(with.getAsJsonArray()), now);
                default -> {}
            }
        }
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
