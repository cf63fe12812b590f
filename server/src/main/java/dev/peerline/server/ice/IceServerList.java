package dev.peerline.server.ice;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import dev.peerline.fallback.http.Visitor;
import dev.peerline.server.ice.IceServer.Fixed;
import dev.peerline.server.ice.IceServer.Login;
import dev.peerline.server.ice.IceServer.Shared;
import dev.peerline.signaling.rooms.IceServers;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.function.Supplier;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The ICE servers that peers are told of, with credentials that end (the TURN REST draft: the user
 * is {@code expiry:peerId}, the password its HMAC-SHA1 under the shared secret). Thread-safe.
 */
public final class IceServerList implements IceServers {
    /** How long made credentials are good for. */
    public static final Duration TTL = Duration.ofHours(1);

    private final Supplier<List<IceServer>> servers;
    private final InstantSource clock;

    public IceServerList(List<IceServer> servers, InstantSource clock) {
        this(() -> List.copyOf(servers), clock);
    }

    /** Those that are known when somebody asks. */
    public IceServerList(Supplier<List<IceServer>> servers, InstantSource clock) {
        this.servers = servers;
        this.clock = clock;
    }

    @Override
    public String json(String peerId, Visitor visitor) {
        return json(peerId);
    }

    /** The body of {@code GET /v1/ice-servers}, with credentials for this peer. */
    public String json(String peerId) {
        JsonArray array = new JsonArray();
        for (IceServer server : servers.get()) {
            JsonArray urls = new JsonArray();
            server.urls().forEach(urls::add);
            JsonObject object = new JsonObject();
            object.add("urls", urls);
            addLogin(object, server.login(), peerId);
            array.add(object);
        }
        JsonObject answer = new JsonObject();
        answer.add("iceServers", array);
        answer.addProperty("ttl", TTL.toSeconds());
        return answer.toString();
    }

    private void addLogin(JsonObject object, @Nullable Login login, String peerId) {
        switch (login) {
            case null -> {}
            case Fixed fixed -> {
                object.addProperty("username", fixed.user());
                object.addProperty("credential", fixed.password());
            }
            case Shared shared -> {
                String user = clock.instant().plus(TTL).getEpochSecond() + ":" + peerId;
                object.addProperty("username", user);
                object.addProperty("credential", hmacSha1(shared.secret(), user));
            }
        }
    }

    private static String hmacSha1(String secret, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA1");
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA1"));
            byte[] code = mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(code);
        } catch (GeneralSecurityException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
