package dev.peerline.sdk.direct;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IceServer;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/** Reads what {@code /v1/ice-servers} answers, and {@code WELCOME} carries. */
final class IceServers {
    private IceServers() {}

    /**
     * Those that can be used, at most {@link IceOptions#MAX_SERVERS}; what is malformed is none.
     */
    static List<IceServer> parse(@Nullable String json) {
        if (json == null || json.isEmpty()) return List.of();
        List<IceServer> servers = new ArrayList<>();
        try {
            JsonElement all = JsonParser.parseString(json).getAsJsonObject().get("iceServers");
            if (all == null) return List.of();
            for (JsonElement each : all.getAsJsonArray()) add(servers, each.getAsJsonObject());
        } catch (JsonParseException | IllegalStateException | UnsupportedOperationException _) {
            return List.copyOf(servers);
        }
        return List.copyOf(servers);
    }

    private static void add(List<IceServer> servers, JsonObject entry) {
        JsonElement urls = entry.get("urls");
        if (urls == null) return;
        String username = text(entry.get("username"));
        String credential = text(entry.get("credential"));
        List<JsonElement> list =
                urls.isJsonArray() ? urls.getAsJsonArray().asList() : List.of(urls);
        for (JsonElement url : list) {
            if (servers.size() >= IceOptions.MAX_SERVERS) return;
            try {
                servers.add(IceServer.parse(url.getAsString(), username, credential));
            } catch (IllegalArgumentException _) {
                // A scheme of later times (stuns:), or a relay without a password: as in browsers,
                // the others serve.
            }
        }
    }

    private static String text(@Nullable JsonElement value) {
        return value == null || value.isJsonNull() ? "" : value.getAsString();
    }
}
