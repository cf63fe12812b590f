package dev.peerline.fallback.link.client;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.fallback.link.wire.FrameJson;
import dev.peerline.fallback.link.wire.Member;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.Signal;
import dev.peerline.fallback.link.wire.TopicDown;
import dev.peerline.fallback.link.wire.TopicFault;
import dev.peerline.fallback.link.wire.TopicJson;
import dev.peerline.fallback.link.wire.Welcome;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Events of a session as docs/vectors/session.json writes them. */
final class SessionJson {
    private static final long MS = 1_000_000;

    private SessionJson() {}

    static JsonObject of(SessionEvent event) {
        return switch (event) {
            case SessionEvent.Welcomed(Welcome welcome, long pingNanos) ->
                    welcome(welcome, pingNanos / MS);
            case SessionEvent.Envelope(Member from, long to, Bytes frames) ->
                    frames("envelope", from, to, frames);
            case SessionEvent.Datagram(Member from, long to, Bytes frames) ->
                    frames("datagram", from, to, frames);
            case SessionEvent.Signalled(Member from, long to, Signal signal) -> {
                JsonObject json = addressed("signal", from, to);
                json.add("signal", signal(signal));
                yield json;
            }
            case SessionEvent.Roster(List<PeerRecord> peers) -> {
                JsonArray list = new JsonArray();
                for (PeerRecord each : peers) list.add(peer(each));
                JsonObject json = typed("roster");
                json.add("peers", list);
                yield json;
            }
            case SessionEvent.Presence(var presence) -> {
                JsonObject json = typed("presence");
                json.addProperty("change", lower(presence.change()));
                json.add("peer", peer(presence.peer()));
                yield json;
            }
            case SessionEvent.Lost(String reason) -> {
                JsonObject json = typed("lost");
                json.addProperty("reason", reason);
                yield json;
            }
            case SessionEvent.Refused(Refusal refusal) -> error(refusal);
            case SessionEvent.Moving(long retryAfterMillis) -> {
                JsonObject json = typed("move");
                json.addProperty("retryAfterMs", retryAfterMillis);
                yield json;
            }
            case SessionEvent.Topical topical -> topical(topical);
            case SessionEvent.RoundTrip(long nanos) -> {
                JsonObject json = typed("rtt");
                json.addProperty("ms", nanos / MS);
                yield json;
            }
        };
    }

    private static JsonObject welcome(Welcome welcome, long pingMs) {
        JsonObject json = typed("welcome");
        json.addProperty("resumed", welcome.resumed());
        json.addProperty("id", welcome.id().text());
        json.addProperty("name", welcome.name());
        json.addProperty("awayMs", welcome.terms().awayMillis());
        json.addProperty("pingMs", pingMs);
        json.addProperty("iceServers", Objects.requireNonNullElse(welcome.iceServers(), ""));
        if (welcome.expiresAtMillis() > 0) json.addProperty("expires", welcome.expiresAtMillis());
        json.addProperty("server", welcome.terms().server());
        return json;
    }

    private static JsonObject frames(String type, Member from, long to, Bytes frames) {
        JsonObject json = addressed(type, from, to);
        json.addProperty("frames", SessionScenario.hex(frames));
        return json;
    }

    private static JsonObject addressed(String type, Member from, long to) {
        JsonObject json = typed(type);
        json.add("from", member(from));
        json.addProperty("to", to);
        return json;
    }

    private static JsonObject signal(Signal signal) {
        JsonObject json = new JsonObject();
        json.addProperty("connection", signal.connection());
        json.addProperty("kind", lower(signal.kind()));
        add(json, "descriptionType", signal.descriptionType());
        add(json, "sdp", signal.sdp());
        add(json, "candidate", signal.candidate());
        add(json, "sdpMid", signal.sdpMid());
        if (signal.sdpMLineIndex() >= 0) {
            json.addProperty("sdpMLineIndex", signal.sdpMLineIndex());
        }
        add(json, "usernameFragment", signal.usernameFragment());
        add(json, "reason", signal.reason());
        return json;
    }

    private static void add(JsonObject json, String name, @Nullable String value) {
        if (value != null) json.addProperty(name, value);
    }

    private static JsonObject error(Refusal refusal) {
        JsonObject json = typed("error");
        json.addProperty("code", refusal.code());
        json.addProperty("message", refusal.message());
        json.addProperty("retriable", refusal.retriable());
        json.addProperty("retryAfterMs", refusal.retryAfterMillis());
        json.addProperty("hint", Objects.requireNonNullElse(refusal.hint(), ""));
        return json;
    }

    private static JsonObject peer(PeerRecord peer) {
        JsonObject json = member(peer.member());
        json.addProperty("state", peer.away() ? "away" : "here");
        json.addProperty("carrier", FrameJson.name(peer.carrier()));
        json.addProperty("name", peer.name());
        return json;
    }

    private static JsonObject member(Member member) {
        JsonObject json = new JsonObject();
        json.addProperty("id", member.id().text());
        json.addProperty("incarnation", member.incarnation());
        return json;
    }

    private static JsonObject topical(SessionEvent.Topical event) {
        return switch (event) {
            case SessionEvent.TopicBegun(long number, Cursor cursor) -> {
                JsonObject json = topic("begun", number);
                json.addProperty("cursor", TopicJson.text(cursor));
                yield json;
            }
            case SessionEvent.TopicMessage(long number, Cursor id, TopicDown.Item item) -> {
                JsonObject json = topic("message", number);
                json.addProperty("id", TopicJson.text(id));
                json.addProperty("time", item.timeMillis());
                json.addProperty("topic", item.topic());
                json.addProperty("mediaType", item.type());
                json.addProperty("body", TopicJson.hex(item.body()));
                yield json;
            }
            case SessionEvent.TopicMissed(TopicDown.Missed gap) -> {
                JsonObject json = topic("gap", gap.number());
                json.addProperty("after", TopicJson.text(gap.after()));
                json.addProperty("oldest", TopicJson.text(gap.oldest()));
                json.addProperty("reason", gap.reason());
                yield json;
            }
            case SessionEvent.TopicEnded(long number, TopicFault fault) -> {
                JsonObject json = topic("ended", number);
                TopicJson.add(json, fault);
                yield json;
            }
            case SessionEvent.TopicAnswer answer -> answer(answer);
        };
    }

    private static JsonObject answer(SessionEvent.TopicAnswer answer) {
        JsonObject json = typed("answer");
        json.addProperty("request", answer.request());
        Cursor id = answer.id();
        TopicFault fault = answer.fault();
        if (id != null) json.addProperty("id", TopicJson.text(id));
        if (fault != null) TopicJson.add(json, fault);
        return json;
    }

    private static JsonObject topic(String type, long number) {
        JsonObject json = typed("topic-" + type);
        json.addProperty("subscription", number);
        return json;
    }

    private static JsonObject typed(String type) {
        JsonObject json = new JsonObject();
        json.addProperty("type", type);
        return json;
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
