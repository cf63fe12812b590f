package dev.peerline.fallback.link.wire;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

import org.jspecify.annotations.Nullable;

import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** Frames as docs/vectors/frames.json writes them. */
public final class FrameJson {
    private FrameJson() {}

    public static JsonArray of(List<? extends Frame> frames) {
        return list(frames, FrameJson::of);
    }

    private static JsonObject of(Frame frame) {
        return switch (frame) {
            case UpFrame up -> up(up);
            case DownFrame down -> down(down);
            case PairFrame pair -> pair(pair);
        };
    }

    private static JsonObject up(UpFrame frame) {
        return switch (frame) {
            case Hello hello -> hello(hello);
            case UpFrame.Bind(int group, List<Member> members) ->
                    new Json("BIND")
                            .add("group", group)
                            .add("members", list(members, FrameJson::member))
                            .json;
            case UpFrame.Up(long number, UpBody body) -> {
                JsonObject json = new Json("UP").add("number", number).json;
                body(json, body);
                yield json;
            }
            case UpFrame.Datagram(int group, Bytes frames) ->
                    new Json("DATAGRAM").add("group", group).add("frames", frames).json;
            case UpFrame.Ack(long log, long offset) ->
                    new Json("ACK").add("log", log).add("offset", offset).json;
            case UpFrame.Ping(Bytes probe) -> new Json("PING").add("probe", probe).json;
            case UpFrame.Bye(long grace) -> new Json("BYE").add("graceMs", grace).json;
            case UpFrame.Token(String token) -> new Json("TOKEN").add("token", token).json;
            case TopicListing listing -> TopicJson.of(listing);
        };
    }

    private static JsonObject hello(Hello hello) {
        Json json =
                new Json("HELLO")
                        .add("room", hello.room())
                        .add("key", hello.key())
                        .add("incarnation", hello.incarnation())
                        .add("token", hello.token())
                        .add("name", hello.name());
        Cursor cursor = hello.cursor();
        if (cursor != null) json.add("epoch", cursor.epoch()).add("offset", cursor.offset());
        json.add("base", hello.base());
        if (hello.attempt() > 0) json.add("attempt", hello.attempt());
        if (hello.welcomed()) json.add("welcomed", new JsonPrimitive(true));
        if (hello.post() > 0) json.add("post", hello.post());
        return json.json;
    }

    private static void body(JsonObject json, UpBody body) {
        switch (body) {
            case UpBody.Envelope(int group, Bytes frames) ->
                    new Json(json, "ENVELOPE").add("group", group).add("frames", frames);
            case UpBody.Signal(int group, Bytes fields) ->
                    new Json(json, "SIGNAL").add("group", group).add("fields", fields);
            case UpBody.Acks(List<UpBody.Acknowledgement> list) ->
                    new Json(json, "ACKS").add("acks", list(list, FrameJson::acknowledgement));
            case TopicUp topical -> TopicJson.of(topical).asMap().forEach(json::add);
        }
    }

    private static JsonObject acknowledgement(UpBody.Acknowledgement each) {
        return new Json(new JsonObject())
                .add("to", member(each.to()))
                .add("frames", each.frames())
                .json;
    }

    private static JsonObject down(DownFrame frame) {
        return switch (frame) {
            case Welcome welcome -> welcome(welcome);
            case DownFrame.Entry(long log, long offset, EntryBody body) -> {
                JsonObject json = new Json("ENTRY").add("log", log).add("offset", offset).json;
                entry(json, body);
                yield json;
            }
            case DownFrame.UpAck(long number) -> new Json("UPACK").add("number", number).json;
            case DownFrame.Datagram(Member from, long to, Bytes frames) ->
                    new Json("DATAGRAM")
                            .add("from", member(from))
                            .add("to", to)
                            .add("frames", frames)
                            .json;
            case DownFrame.Pong(Bytes probe) -> new Json("PONG").add("probe", probe).json;
            case Refusal(
                            String code,
                            String message,
                            boolean retriable,
                            long retryAfter,
                            String hint) ->
                    new Json("ERROR")
                            .add("code", code)
                            .add("message", message)
                            .add("retriable", new JsonPrimitive(retriable))
                            .add("retryAfterMs", retryAfter)
                            .add("hint", hint)
                            .json;
            case DownFrame.Gap(long log, long offset, String reason) ->
                    new Json("GAP")
                            .add("log", log)
                            .add("offset", offset)
                            .add("reason", reason)
                            .json;
            case TopicDown topical -> TopicJson.of(topical);
            case DownFrame.Move(long retryAfter) ->
                    new Json("MOVE").add("retryAfterMs", retryAfter).json;
        };
    }

    private static JsonObject welcome(Welcome welcome) {
        Json json =
                new Json("WELCOME")
                        .add("id", welcome.id().text())
                        .add("name", welcome.name())
                        .add("epoch", welcome.cursor().epoch())
                        .add("offset", welcome.cursor().offset())
                        .add("up", welcome.up())
                        .add("resumed", new JsonPrimitive(welcome.resumed()))
                        .add("awayMs", welcome.terms().awayMillis())
                        .add("pingMs", welcome.terms().pingMillis())
                        .add("maxPacketBytes", welcome.terms().maxPacketBytes())
                        .add("iceServers", welcome.iceServers());
        if (welcome.expiresAtMillis() > 0) json.add("expires", welcome.expiresAtMillis());
        json.add("server", welcome.terms().server());
        if (welcome.terms().topics() > 0) json.add("topics", welcome.terms().topics());
        return json.json;
    }

    private static void entry(JsonObject json, EntryBody body) {
        switch (body) {
            case EntryBody.Envelope(Member from, long to, Bytes frames) ->
                    new Json(json, "ENVELOPE")
                            .add("from", member(from))
                            .add("to", to)
                            .add("frames", frames);
            case EntryBody.Signal(Member from, long to, Bytes fields) ->
                    new Json(json, "SIGNAL")
                            .add("from", member(from))
                            .add("to", to)
                            .add("fields", fields);
            case EntryBody.Roster(List<PeerRecord> peers) ->
                    new Json(json, "ROSTER").add("peers", list(peers, FrameJson::peer));
            case EntryBody.Presence(EntryBody.Change change, PeerRecord peer) ->
                    new Json(json, "PRESENCE")
                            .add("change", change.name().toLowerCase(Locale.ROOT))
                            .add("peer", peer(peer));
            case Published answer -> TopicJson.of(answer).asMap().forEach(json::add);
            case EntryBody.Unknown(long kind, Bytes content) ->
                    new Json(json).add("kind", kind).add("content", content);
        }
    }

    private static JsonObject pair(PairFrame frame) {
        return switch (frame) {
            case PairFrame.Message message -> message(message);
            case PairFrame.Ack(long channel, long next) ->
                    new Json("ACK").add("channel", channel).add("next", next).json;
            case Resume resume -> resume(resume);
            case PairFrame.Skip(long channel, long from, long to, String reason) ->
                    new Json("SKIP")
                            .add("channel", channel)
                            .add("from", from)
                            .add("to", to)
                            .add("reason", reason)
                            .json;
            case PairFrame.Probe(Bytes bytes) -> new Json("PROBE").add("bytes", bytes).json;
            case PairFrame.Echo(Bytes bytes) -> new Json("ECHO").add("bytes", bytes).json;
            case PairFrame.Loose(int flags, String channel, long scope, Bytes payload) ->
                    new Json("LOOSE")
                            .add("dataType", flags & PairFrame.TYPE_MASK)
                            .add("channel", channel)
                            .add("scope", scope)
                            .add("payload", payload)
                            .json;
        };
    }

    private static JsonObject message(PairFrame.Message message) {
        int flags = message.flags();
        Json json =
                new Json("MESSAGE")
                        .add("channel", message.channel())
                        .add("sequence", message.sequence())
                        .add("dataType", flags & PairFrame.TYPE_MASK)
                        .add("more", new JsonPrimitive((flags & PairFrame.MORE_FRAGMENTS) != 0));
        if ((flags & PairFrame.CONTINUES) != 0) json.add("continues", new JsonPrimitive(true));
        return json.add("payload", message.payload()).json;
    }

    private static JsonObject resume(Resume resume) {
        Json json =
                new Json("RESUME")
                        .add("move", resume.move())
                        .add("answer", new JsonPrimitive(resume.answer()));
        if (resume.aside()) json.add("aside", new JsonPrimitive(true));
        return json.add("channels", list(resume.channels(), FrameJson::channel))
                .add("expected", list(resume.expected(), FrameJson::expected))
                .json;
    }

    private static JsonObject channel(Resume.Channel channel) {
        return new Json(new JsonObject())
                .add("channel", channel.number())
                .add("scope", channel.scope())
                .add("name", channel.name())
                .add("base", channel.base())
                .json;
    }

    private static JsonObject expected(Resume.Expected expected) {
        return new Json(new JsonObject())
                .add("channel", expected.channel())
                .add("next", expected.next())
                .json;
    }

    private static JsonObject peer(PeerRecord peer) {
        return new Json(member(peer.member()))
                .add("state", peer.away() ? "away" : "here")
                .add("carrier", name(peer.carrier()))
                .add("name", peer.name())
                .json;
    }

    /** As paths are named: {@code long-poll}. */
    public static String name(CarrierKind kind) {
        return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The kind of that name. */
    public static CarrierKind carrier(String name) {
        return CarrierKind.valueOf(name.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    private static JsonObject member(Member member) {
        return new Json(new JsonObject())
                .add("id", member.id().text())
                .add("incarnation", member.incarnation())
                .json;
    }

    private static <T> JsonArray list(List<T> values, Function<T, JsonObject> write) {
        JsonArray array = new JsonArray();
        for (T value : values) array.add(write.apply(value));
        return array;
    }

    private record Json(JsonObject json) {
        Json(String type) {
            this(new JsonObject());
            add("type", type);
        }

        Json(JsonObject json, String kind) {
            this(json);
            add("kind", kind);
        }

        Json add(String name, long value) {
            return add(name, new JsonPrimitive(value));
        }

        Json add(String name, @Nullable String value) {
            return value == null ? this : add(name, new JsonPrimitive(value));
        }

        Json add(String name, Bytes value) {
            return add(name, HexFormat.of().formatHex(value.toArray()));
        }

        Json add(String name, JsonElement value) {
            json.add(name, value);
            return this;
        }
    }
}
