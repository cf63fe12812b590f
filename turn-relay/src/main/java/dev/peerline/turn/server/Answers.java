package dev.peerline.turn.server;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.turn.allocation.Allocation;
import dev.peerline.turn.allocation.Client;
import dev.peerline.turn.auth.Nonces;

import java.util.function.Consumer;

/** Writes answers. What goes to strangers is small, and limited. Not thread-safe. */
final class Answers {
    static final PasswordAlgorithm[] ALGORITHMS = {PasswordAlgorithm.SHA256, PasswordAlgorithm.MD5};

    /** A challenge is no longer than this many times its request. */
    private static final int MAX_AMPLIFICATION = 4;

    private static final int ROOM = 1400;

    private final LoopState loop;
    private final StunIntegrity integrity;
    private final Nonces nonces;
    private final StunWriter writer = new StunWriter();

    Answers(LoopState loop, StunIntegrity integrity, Nonces nonces) {
        this.loop = loop;
        this.integrity = integrity;
        this.nonces = nonces;
    }

    /** A success answer to somebody who has proved who he is. */
    void success(
            StunReader request, Client client, Allocation.Owner owner, Consumer<StunWriter> body) {
        begin(request, StunType.SUCCESS);
        body.accept(writer);
        finish(request, client, owner);
    }

    void error(StunReader request, Client client, Allocation.Owner owner, int code, String reason) {
        begin(request, StunType.ERROR);
        writer.error(code, reason);
        finish(request, client, owner);
    }

    /** 300 with ALTERNATE-SERVER (RFC 8489 §10). */
    void alternate(
            StunReader request, Client client, Allocation.Owner owner, TransportAddress server) {
        begin(request, StunType.ERROR);
        writer.error(300, "Try Alternate").plainAddress(StunAttribute.ALTERNATE_SERVER, server);
        finish(request, client, owner);
    }

    /** 420 (RFC 8489 §6.3.1). */
    void unknownAttributes(
            StunReader request, Client client, Allocation.Owner owner, int[] types, int count) {
        begin(request, StunType.ERROR);
        writer.error(420, "Unknown Attribute").unknownAttributes(types, count);
        finish(request, client, owner);
    }

    /** A stale nonce or a wrong credential of somebody who knows how to ask: a fresh nonce. */
    void challenge(StunReader request, Client client, int code) {
        writeChallenge(request, client, code, features());
        if (tooLong(request)) writeChallenge(request, client, code, 0);
        finishToStranger(request, client);
    }

    private boolean tooLong(StunReader request) {
        int fingerprint = request.has(StunAttribute.FINGERPRINT) ? 8 : 0;
        return writer.length() + fingerprint > MAX_AMPLIFICATION * request.length();
    }

    private int features() {
        boolean anonymity = loop.settings().credentials().knowsUserHashes();
        return Nonces.PASSWORD_ALGORITHMS | (anonymity ? Nonces.USERNAME_ANONYMITY : 0);
    }

    private void writeChallenge(StunReader request, Client client, int code, int features) {
        begin(request, StunType.ERROR);
        writer.error(code, "")
                .text(StunAttribute.REALM, loop.settings().realm())
                .text(
                        StunAttribute.NONCE,
                        nonces.issue(client.remote(), features, loop.epochSeconds));
        if (features != 0) writer.passwordAlgorithms(ALGORITHMS);
    }

    /** An error for somebody who has not proved anything, without reason text. */
    void errorToStranger(StunReader request, Client client, int code) {
        begin(request, StunType.ERROR);
        writer.error(code, "");
        finishToStranger(request, client);
    }

    void unknownAttributesToStranger(StunReader request, Client client, int[] types, int count) {
        begin(request, StunType.ERROR);
        writer.error(420, "").unknownAttributes(types, count);
        finishToStranger(request, client);
    }

    void binding(StunReader request, Client client) {
        begin(request, StunType.SUCCESS);
        writer.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, client.remote());
        finishToStranger(request, client);
    }

    /**
     * With what behaviour discovery asks for (RFC 5780 §6.1).
     *
     * @param origin the listener that answers
     * @param other the listener with the other address and port
     */
    void binding(
            StunReader request, Client client, TransportAddress origin, TransportAddress other) {
        begin(request, StunType.SUCCESS);
        writer.xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, client.remote())
                .plainAddress(StunAttribute.RESPONSE_ORIGIN, announced(origin))
                .plainAddress(StunAttribute.OTHER_ADDRESS, announced(other));
        if (request.has(StunAttribute.FINGERPRINT)) writer.fingerprint();
        if (!mayAnswer(client)) return;
        var datagram = loop.ground.outgoing().of(writer.offset(), writer.length());
        loop.ground.toClientFrom(origin, client, datagram);
    }

    private TransportAddress announced(TransportAddress listener) {
        for (Settings.Relay relay : loop.settings().relays())
            if (relay.local().sameAddress(listener))
                return relay.announced().withPort(listener.port());
        return listener;
    }

    /** A peer has connected (RFC 6062 §5.3): tells the client what to come for. */
    void connectionAttempt(Client client, int id, MutableAddress peer) {
        int at = loop.ground.scratch(ROOM);
        int type = StunType.of(StunType.CONNECTION_ATTEMPT, StunType.INDICATION);
        int high = loop.random.nextInt();
        writer.begin(loop.ground.memory(), at, type, high, loop.random.nextLong())
                .number(StunAttribute.CONNECTION_ID, Integer.toUnsignedLong(id))
                .xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer);
        send(client);
    }

    private void begin(StunReader request, int messageClass) {
        int at = loop.ground.scratch(ROOM);
        writer.answer(loop.ground.memory(), at, request, messageClass);
    }

    private void finish(StunReader request, Client client, Allocation.Owner owner) {
        writer.integrity(integrity, owner.secret().kind(), owner.secret().key());
        if (request.has(StunAttribute.FINGERPRINT)) writer.fingerprint();
        send(client);
    }

    private void finishToStranger(StunReader request, Client client) {
        if (request.has(StunAttribute.FINGERPRINT)) writer.fingerprint();
        if (mayAnswer(client)) send(client);
    }

    private boolean mayAnswer(Client client) {
        var remote = client.remote();
        boolean may =
                client.isReliable()
                        || loop.shared
                                .strangers()
                                .take(remote.high(), remote.low(), writer.length(), loop.nowNanos);
        if (!may) loop.counters.increment(Counter.STRANGERS_LIMITED);
        return may;
    }

    private void send(Client client) {
        var datagram = loop.ground.outgoing().of(writer.offset(), writer.length());
        loop.ground.toClient(client, datagram);
    }
}
