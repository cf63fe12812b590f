package dev.peerline.fallback.link.pair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

import dev.peerline.fallback.link.Vectors;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.UpBody;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/** docs/vectors/pair.json, which every implementation runs: frame for frame. */
final class PairVectorsTest {
    private static final JsonObject VECTORS = Vectors.load("pair.json");
    private static final long MS = 1_000_000;

    @TestFactory
    Stream<DynamicTest> scenarios() {
        return Vectors.scenarios(VECTORS, PairVectorsTest::play);
    }

    private static void play(JsonObject scenario) {
        Endpoint endpoint = new Endpoint(scenario.get("incarnation").getAsLong(), limits(scenario));
        for (JsonElement each : scenario.getAsJsonArray("steps")) {
            JsonObject step = each.getAsJsonObject();
            long now = step.get("at").getAsLong() * MS;
            perform(endpoint, step, now);
            JsonArray events = new JsonArray();
            for (PairEvent event; (event = endpoint.nextEvent()) != null; ) {
                events.add(json(event));
            }
            assertEquals(Vectors.list(step, "events"), events, () -> "events of " + step);
            JsonArray outputs = new JsonArray();
            if (!step.has("noTransmit")) {
                for (PairOutput output; (output = endpoint.transmit(Writable.ALL, now)) != null; ) {
                    outputs.add(json(output));
                }
            }
            assertEquals(Vectors.list(step, "transmit"), outputs, () -> "output of " + step);
            checkTimes(endpoint, step, now);
        }
        Endpoint.Held held = endpoint.held();
        JsonObject json = new JsonObject();
        json.addProperty("unacknowledged", held.unacknowledged());
        json.addProperty("behindHoles", held.behindHoles());
        assertEquals(Vectors.normal(scenario.get("held")), Vectors.normal(json), "what is held");
    }

    private static void checkTimes(Endpoint endpoint, JsonObject step, long now) {
        if (step.has("silentFor")) {
            JsonObject silent = step.getAsJsonObject("silentFor");
            assertEquals(
                    silent.get("ms").getAsLong() * MS,
                    endpoint.silentForNanos(id(silent.get("id")), now),
                    step::toString);
        }
        if (step.has("deadline")) {
            JsonElement at = step.get("deadline");
            assertEquals(
                    at instanceof JsonNull ? Long.MAX_VALUE : at.getAsLong() * MS,
                    endpoint.deadlineNanos(),
                    step::toString);
        }
    }

    private static PairLimits limits(JsonObject scenario) {
        JsonObject limits =
                scenario.has("limits") ? scenario.getAsJsonObject("limits") : new JsonObject();
        JsonObject window =
                limits.has("window") ? limits.getAsJsonObject("window") : new JsonObject();
        PairLimits standard = PairLimits.DEFAULT;
        return new PairLimits(
                number(limits, "messageBytes", standard.messageBytes()),
                number(limits, "queueBytes", standard.queueBytes()),
                number(limits, "awayBytes", standard.awayBytes()),
                standard.silence(),
                number(window, "direct", standard.directWindowBytes()),
                number(window, "session", standard.sessionWindowBytes()),
                number(limits, "fragmentBytes", standard.fragmentBytes()),
                number(limits, "packetBytes", standard.packetBytes()),
                standard.ackDelay(),
                number(limits, "ackBytes", standard.ackBytes()),
                number(limits, "loose", standard.looseFrames()),
                number(limits, "departed", standard.departedMembers()));
    }

    private static int number(JsonObject json, String name, int standard) {
        return json.has(name) ? json.get(name).getAsInt() : standard;
    }

    private static void perform(Endpoint endpoint, JsonObject step, long now) {
        String what =
                Stream.of(
                                "joined",
                                "roster",
                                "away",
                                "back",
                                "left",
                                "sessionLost",
                                "use",
                                "abort",
                                "probe",
                                "sendLoose",
                                "send",
                                "receive")
                        .filter(step::has)
                        .findFirst()
                        .orElse("");
        JsonElement with = step.get(what);
        switch (what) {
            case "joined" -> {
                PeerRecord peer = peer(with);
                endpoint.joined(peer.member(), peer.away(), now);
            }
            case "roster" -> {
                List<PeerRecord> peers = new ArrayList<>();
                for (JsonElement peer : with.getAsJsonArray()) peers.add(peer(peer));
                JsonArray absent = new JsonArray();
                for (Id id : endpoint.roster(peers, now)) absent.add(id.text());
                assertEquals(Vectors.list(step, "absent"), absent);
            }
            case "away" -> endpoint.away(id(with), now);
            case "back" -> endpoint.back(member(with), now);
            case "left" -> endpoint.left(id(with));
            case "sessionLost" -> endpoint.sessionLost(now);
            case "use" -> endpoint.use(idOf(with), path(with), now);
            case "abort" -> endpoint.abort(with.getAsLong());
            case "probe" -> {
                Bytes bytes = PairFrameArrays.unhex(text(with, "bytes"));
                endpoint.probe(idOf(with), path(with), bytes);
            }
            case "sendLoose" -> {
                Bytes data = PairFrameArrays.payload(with.getAsJsonObject().get("data"));
                endpoint.sendLoose(to(with), text(with, "channel"), PairFrame.TEXT, data);
            }
            case "send" -> send(endpoint, with.getAsJsonObject(), now);
            case "receive" -> receive(endpoint, with.getAsJsonObject(), now);
            default -> {}
        }
    }

    private static void send(Endpoint endpoint, JsonObject send, long now) {
        Bytes data = PairFrameArrays.payload(send.get("data"));
        SendResult result =
                endpoint.send(to(send), text(send, "channel"), PairFrame.TEXT, data, now);
        switch (result) {
            case SendResult.Queued(long handle) ->
                    assertEquals(send.get("handle"), new JsonPrimitive((int) handle));
            case SendResult.Refused(SendResult.Reason reason, int _) ->
                    assertEquals(text(send, "error"), reason.name());
        }
    }

    private static void receive(Endpoint endpoint, JsonObject receive, long now) {
        Bytes frames =
                receive.has("raw")
                        ? PairFrameArrays.unhex(text(receive, "raw"))
                        : PairFrameArrays.encode(receive.getAsJsonArray("frames"));
        boolean good =
                endpoint.receive(
                        member(receive.get("from")),
                        receive.get("to").getAsLong(),
                        path(receive),
                        frames,
                        now);
        assertEquals(!receive.has("malformed"), good);
    }

    private static JsonElement json(PairEvent event) {
        JsonObject json = new JsonObject();
        switch (event) {
            case PairEvent.Message message -> {
                json.addProperty("type", "message");
                json.addProperty("from", message.from().text());
                json.addProperty("scope", name(message.scope()));
                json.addProperty("channel", message.channel());
                json.addProperty("dataType", message.dataType());
                json.add("payload", PairFrameArrays.readable(message.payload()));
                json.addProperty("path", name(message.path()));
                json.addProperty("loose", message.loose());
            }
            case PairEvent.Gap gap -> {
                json.addProperty("type", "gap");
                json.addProperty("from", gap.from().text());
                json.addProperty("scope", name(gap.scope()));
                json.addProperty("channel", gap.channel());
                json.addProperty("count", gap.count());
                json.addProperty("reason", gap.reason());
            }
            case PairEvent.Settled settled -> {
                json.addProperty("type", "settled");
                json.addProperty("handle", settled.handle());
                json.addProperty("delivered", settled.delivered());
                json.add("missed", ids(settled.missed()));
                json.addProperty("path", name(settled.path()));
            }
            case PairEvent.Moved moved -> {
                json.addProperty("type", "moved");
                json.addProperty("id", moved.id().text());
                json.addProperty("from", name(moved.from()));
                json.addProperty("to", name(moved.to()));
                json.addProperty("messages", moved.fragments());
                json.addProperty("stalledMs", moved.stalledNanos() / MS);
            }
            case PairEvent.Echo echo -> {
                json.addProperty("type", "echo");
                json.addProperty("id", echo.id().text());
                json.addProperty("path", name(echo.path()));
                json.addProperty("bytes", PairFrameArrays.hex(echo.bytes()));
            }
        }
        return Vectors.normal(json);
    }

    private static JsonElement json(PairOutput output) {
        JsonObject json = new JsonObject();
        switch (output) {
            case PairOutput.Direct(Member to, Bytes frames, boolean loose) -> {
                json(json, "direct", List.of(to), frames);
                if (loose) json.addProperty("loose", true);
            }
            case PairOutput.Envelope(List<Member> to, Bytes frames) ->
                    json(json, "session", to, frames);
            case PairOutput.Datagram(Member to, Bytes frames) ->
                    json(json, "datagram", List.of(to), frames);
            case PairOutput.Acks(List<UpBody.Acknowledgement> list) -> {
                json.addProperty("path", "session");
                JsonArray acks = new JsonArray();
                for (UpBody.Acknowledgement each : list) {
                    JsonObject ack = new JsonObject();
                    ack.addProperty("to", each.to().id().text());
                    ack.add("frames", PairFrameArrays.decode(each.frames()));
                    acks.add(ack);
                }
                json.add("acks", acks);
            }
        }
        return Vectors.normal(json);
    }

    private static void json(JsonObject json, String path, List<Member> to, Bytes frames) {
        json.addProperty("path", path);
        json.add("to", ids(to.stream().map(Member::id).toList()));
        json.add("frames", PairFrameArrays.decode(frames));
    }

    private static JsonArray ids(List<Id> list) {
        JsonArray ids = new JsonArray();
        for (Id id : list) ids.add(id.text());
        return ids;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static PeerRecord peer(JsonElement json) {
        JsonElement state = json.getAsJsonObject().get("state");
        boolean away = state != null && state.getAsString().equals("away");
        return new PeerRecord(member(json), away, CarrierKind.WEBSOCKET, "");
    }

    private static Member member(JsonElement json) {
        return new Member(idOf(json), json.getAsJsonObject().get("incarnation").getAsLong());
    }

    private static Id idOf(JsonElement json) {
        return id(json.getAsJsonObject().get("id"));
    }

    private static Id id(@Nullable JsonElement text) {
        String id = Objects.requireNonNull(text).getAsString();
        return Objects.requireNonNull(Id.parse(id), id);
    }

    private static PairPath path(JsonElement json) {
        return PairPath.valueOf(text(json, "path").toUpperCase(Locale.ROOT));
    }

    private static Destination to(JsonElement json) {
        String to = text(json, "to");
        return to.equals("room")
                ? Destination.ROOM
                : Destination.peer(Objects.requireNonNull(Id.parse(to), to));
    }

    private static String text(JsonElement json, String name) {
        return json.getAsJsonObject().get(name).getAsString();
    }
}
