package dev.peerline.server.http;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;

import dev.peerline.server.door.Mode;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What the page is told of its server, at {@code GET /v1/config}.
 *
 * @param version of the server
 * @param mode whom it is there for
 * @param tokens whether a room needs a token
 * @param openDemo whether {@code POST /v1/demo-token} gives one
 * @param demoFaults whether the page may offer faults
 * @param away how long a peer without a connection is waited for
 */
public record PageConfig(
        String version,
        Mode mode,
        boolean tokens,
        boolean openDemo,
        boolean demoFaults,
        Duration away) {
    /**
     * @param lanUrl where other devices of this network find the server; null without {@code --lan}
     */
    String json(@Nullable String lanUrl) {
        JsonObject object = new JsonObject();
        object.addProperty("version", version);
        object.addProperty("mode", mode.toString());
        object.addProperty("tokens", tokens);
        object.addProperty("openDemo", openDemo);
        object.addProperty("demoFaults", demoFaults);
        object.addProperty("awayMs", away.toMillis());
        object.add("lanUrl", lanUrl == null ? JsonNull.INSTANCE : new JsonPrimitive(lanUrl));
        return object.toString();
    }
}
