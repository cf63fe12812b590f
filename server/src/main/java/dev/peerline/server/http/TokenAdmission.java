package dev.peerline.server.http;

import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.server.config.HostAndPort;
import dev.peerline.server.door.Doors;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Names;
import dev.peerline.server.token.Tokens;
import dev.peerline.server.token.Verdict;
import dev.peerline.signaling.rooms.Admission;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** Lets into rooms whom the doors and the tokens let in. Immutable. */
public final class TokenAdmission implements Admission {
    private static final int TOKEN_KEY_BYTES = 12;

    private final Doors doors;
    private final @Nullable Tokens tokens;
    private final boolean trustLoopback;

    /**
     * @param tokens null when this server needs none
     * @param trustLoopback whether clients on this machine are exempt from limits
     */
    public TokenAdmission(Doors doors, @Nullable Tokens tokens, boolean trustLoopback) {
        this.doors = doors;
        this.tokens = tokens;
        this.trustLoopback = trustLoopback;
    }

    @Override
    public Decision knock(Visitor visitor) {
        String host = visitor.host();
        Doors.Refusal refusal =
                doors.refusal(
                        host == null ? null : HostAndPort.parse(host),
                        visitor.origin(),
                        visitor.secure() ? "https" : "http");
        return switch (refusal) {
            case null -> new Grant("", Grant.NEVER, addressKey(visitor));
            case FORBIDDEN_HOST ->
                    new Refusal(
                            ErrorCode.FORBIDDEN_HOST,
                            "this server does not answer for that host",
                            "its operator can add a name with --hostname");
            case FORBIDDEN_ORIGIN ->
                    new Refusal(
                            ErrorCode.FORBIDDEN_ORIGIN,
                            "pages of that origin may not use this server",
                            "its operator can allow the origin with --allow-origin");
        };
    }

    @Override
    public Decision admit(Visitor visitor, Request request) {
        if (!Names.isRoom(request.room()))
            return new Refusal(ErrorCode.BAD_HELLO, "that name is reserved", "choose another room");
        String asked = request.name() == null ? "" : request.name();
        if (tokens == null) return new Grant(asked, Grant.NEVER, addressKey(visitor));
        String token = request.token();
        if (token == null)
            return new Refusal(
                    ErrorCode.UNAUTHORIZED, "this server needs a token", "open an invite link");
        return switch (tokens.verify(token)) {
            case Verdict.Refused refused ->
                    new Refusal(
                            ErrorCode.valueOf(refused.code()),
                            refused.message(),
                            "ask for a new invite link");
            case Verdict.Accepted accepted -> admit(visitor, request, accepted.claims(), token);
        };
    }

    private Decision admit(Visitor visitor, Request request, Claims granted, String token) {
        if (!granted.joins(request.room()))
            return new Refusal(
                    ErrorCode.UNAUTHORIZED,
                    "the token is not for this room",
                    "open the invite link of this room");
        String name = granted.name() != null ? granted.name() : request.name();
        String key = addressKey(visitor) == null ? null : tokenKey(token);
        return new Grant(name == null ? "" : name, granted.expires().toEpochMilli(), key);
    }

    private @Nullable String addressKey(Visitor visitor) {
        boolean exempt = trustLoopback && visitor.address().isLoopbackAddress();
        return exempt ? null : Caller.limitsKey(visitor.address());
    }

    /** Names a token in the books of limits; nobody can make the token from it. */
    static String tokenKey(String token) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] hash = digest.digest(token.getBytes(StandardCharsets.UTF_8));
            return "token:" + HexFormat.of().formatHex(Arrays.copyOf(hash, TOKEN_KEY_BYTES));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
