package dev.peerline.fallback.link.pair;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.PairFrame;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Resume;
import dev.peerline.fallback.link.wire.WireWriter;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;

/** Pair frames as readable arrays, as docs/vectors/pair.json writes them. */
public final class PairFrameArrays {
    /** Longer texts are written as a character and how often. */
    private static final int SHOWN_CHARACTERS = 40;

    private PairFrameArrays() {}

    public static Bytes encode(JsonArray frames) {
        WireWriter out = new WireWriter();
        for (JsonElement frame : frames) out.frame(frame(frame.getAsJsonArray()));
        return out.take();
    }

    public static JsonArray decode(Bytes packet) {
        if (!(PairFrame.readAll(packet) instanceof Parsed.Good<List<PairFrame>>(var frames))) {
            throw new AssertionError("malformed: " + packet);
        }
        JsonArray list = new JsonArray();
        for (PairFrame frame : frames) list.add(array(frame));
        return list;
    }

    /** A text, or {@code {repeat, count}} for a long one. */
    public static Bytes payload(JsonElement data) {
        if (data.isJsonPrimitive()) return Bytes.utf8(data.getAsString());
        JsonObject repeated = data.getAsJsonObject();
        return Bytes.utf8(
                repeated.get("repeat").getAsString().repeat(repeated.get("count").getAsInt()));
    }

    public static JsonElement readable(Bytes bytes) {
        String text = new String(bytes.toArray(), StandardCharsets.UTF_8);
        if (text.length() <= SHOWN_CHARACTERS) return new JsonPrimitive(text);
        JsonObject repeated = new JsonObject();
        repeated.addProperty("repeat", text.substring(0, 1));
        repeated.addProperty("count", text.length());
        return repeated;
    }

    public static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toArray());
    }

    public static Bytes unhex(String hex) {
        return Bytes.of(HexFormat.of().parseHex(hex));
    }

    private static PairFrame frame(JsonArray f) {
        return switch (f.get(0).getAsString()) {
            case "MESSAGE" ->
                    new PairFrame.Message(
                            number(f, 1), number(f, 2), (int) number(f, 3), payload(f.get(4)));
            case "ACK" -> new PairFrame.Ack(number(f, 1), number(f, 2));
            case "RESUME" ->
                    new Resume(
                            number(f, 1),
                            (number(f, 2) & 1) != 0,
                            (number(f, 2) & 2) != 0,
                            list(f.get(3), PairFrameArrays::channel),
                            list(
                                    f.get(4),
                                    each -> new Resume.Expected(number(each, 0), number(each, 1))));
            case "SKIP" ->
                    new PairFrame.Skip(
                            number(f, 1), number(f, 2), number(f, 3), f.get(4).getAsString());
            case "PROBE" -> new PairFrame.Probe(unhex(f.get(1).getAsString()));
            case "ECHO" -> new PairFrame.Echo(unhex(f.get(1).getAsString()));
            case "LOOSE" ->
                    new PairFrame.Loose(
                            (int) number(f, 1),
                            f.get(2).getAsString(),
                            number(f, 3),
                            payload(f.get(4)));
            default -> throw new AssertionError("unknown frame " + f);
        };
    }

    private static Resume.Channel channel(JsonArray each) {
        return new Resume.Channel(
                number(each, 0), number(each, 1), each.get(2).getAsString(), number(each, 3));
    }

    private static long number(JsonArray array, int index) {
        return array.get(index).getAsLong();
    }

    private static <T> List<T> list(JsonElement array, Function<JsonArray, T> each) {
        List<T> list = new ArrayList<>();
        for (JsonElement element : array.getAsJsonArray()) {
            list.add(each.apply(element.getAsJsonArray()));
        }
        return list;
    }

    private static JsonArray array(PairFrame frame) {
        return switch (frame) {
            case PairFrame.Message(long channel, long sequence, int flags, Bytes payload) ->
                    of("MESSAGE", channel, sequence, flags, readable(payload));
            case PairFrame.Ack(long channel, long next) -> of("ACK", channel, next);
            case Resume resume -> resume(resume);
            case PairFrame.Skip(long channel, long from, long to, String reason) ->
                    of("SKIP", channel, from, to, reason);
            case PairFrame.Probe(Bytes bytes) -> of("PROBE", hex(bytes));
            case PairFrame.Echo(Bytes bytes) -> of("ECHO", hex(bytes));
            case PairFrame.Loose(int flags, String channel, long scope, Bytes payload) ->
                    of("LOOSE", flags, channel, scope, readable(payload));
        };
    }

    private static JsonArray resume(Resume resume) {
        JsonArray channels = new JsonArray();
        for (Resume.Channel each : resume.channels()) {
            channels.add(of(each.number(), each.scope(), each.name(), each.base()));
        }
        JsonArray expected = new JsonArray();
        for (Resume.Expected each : resume.expected()) {
            expected.add(of(each.channel(), each.next()));
        }
        int flags = (resume.answer() ? 1 : 0) | (resume.aside() ? 2 : 0);
        return of("RESUME", resume.move(), flags, channels, expected);
    }

    private static JsonArray of(Object... values) {
        JsonArray array = new JsonArray();
        for (Object value : values) {
            switch (value) {
                case JsonElement json -> array.add(json);
                case Number number -> array.add(number);
                default -> array.add(value.toString());
            }
        }
        return array;
    }
}
