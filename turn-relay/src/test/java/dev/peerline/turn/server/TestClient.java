package dev.peerline.turn.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;
import dev.peerline.turn.server.SimulatedRelay.Sent;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** A client of a {@link SimulatedRelay}: as far as tests need one. */
final class TestClient {
    static final Consumer<StunWriter> NOTHING = writer -> {};
    static final Consumer<StunWriter> UDP =
            writer -> writer.number(StunAttribute.REQUESTED_TRANSPORT, 17L << 24);

    private final SimulatedRelay relay;
    private final TransportAddress address;
    private final String name;
    private final byte[] key;
    private byte[] nonce = {};
    private int id;

    TestClient(SimulatedRelay relay, String host, int port) {
        this(
                relay,
                SimulatedRelay.address(host, port),
                SimulatedRelay.NAME,
                SimulatedRelay.PASSWORD);
    }

    TestClient(SimulatedRelay relay, TransportAddress address, String name, String password) {
        this.relay = relay;
        this.address = address;
        this.name = name;
        key = PasswordAlgorithm.MD5.key(name, SimulatedRelay.REALM, password);
    }

    TransportAddress address() {
        return address;
    }

    byte[] key() {
        return key;
    }

    /** Sends and takes the answer, after a challenge if there is one. */
    Sent ask(int method, Consumer<StunWriter> body) {
        if (nonce.length == 0) challenge(method, body);
        Sent answer = askOnce(method, body);
        if (answer.errorCode() != 438) return answer;
        takeNonce(answer);
        return askOnce(method, body);
    }

    private void challenge(int method, Consumer<StunWriter> body) {
        relay.fromClient(address, SimulatedRelay.request(method, body));
        Sent answer = relay.lastToClient();
        assertEquals(401, answer.errorCode());
        takeNonce(answer);
    }

    private void takeNonce(Sent answer) {
        StunReader reader = answer.stun();
        nonce = reader.value(reader.find(StunAttribute.NONCE));
    }

    byte[] nonce() {
        return nonce;
    }

    Sent askOnce(int method, Consumer<StunWriter> body) {
        relay.fromClient(address, signed(method, ++id, body));
        return relay.lastToClient();
    }

    byte[] signed(int method, int transaction, Consumer<StunWriter> body) {
        ByteBuffer buffer = ByteBuffer.allocate(2000);
        int type = StunType.of(method, StunType.REQUEST);
        StunWriter writer = new StunWriter().begin(buffer, 0, type, transaction, 7);
        body.accept(writer);
        writer.text(StunAttribute.USERNAME, name)
                .text(StunAttribute.REALM, SimulatedRelay.REALM)
                .bytes(StunAttribute.NONCE, nonce)
                .integrity(new StunIntegrity(), StunIntegrity.Kind.SHA1, key);
        return Arrays.copyOf(buffer.array(), writer.length());
    }

    TransportAddress allocate() {
        Sent answer = ask(StunType.ALLOCATE, UDP);
        assertEquals(0, answer.errorCode());
        return relayed(answer);
    }

    static TransportAddress relayed(Sent answer) {
        StunReader reader = answer.stun();
        MutableAddress relayed = new MutableAddress();
        reader.xorAddress(reader.find(StunAttribute.XOR_RELAYED_ADDRESS), relayed);
        return relayed.toAddress();
    }

    /** The answer's code; 0 is success. */
    int permit(TransportAddress peer) {
        return ask(
                        StunType.CREATE_PERMISSION,
                        it -> it.xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer))
                .errorCode();
    }

    int bind(int channel, TransportAddress peer) {
        return ask(
                        StunType.CHANNEL_BIND,
                        it ->
                                it.number(StunAttribute.CHANNEL_NUMBER, (long) channel << 16)
                                        .xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer))
                .errorCode();
    }

    int refresh(int seconds) {
        return ask(StunType.REFRESH, it -> it.number(StunAttribute.LIFETIME, seconds)).errorCode();
    }

    void channelData(int channel, byte[] payload) {
        byte[] frame =
                ByteBuffer.allocate(4 + payload.length)
                        .putShort((short) channel)
                        .putShort((short) payload.length)
                        .put(payload)
                        .array();
        relay.fromClient(address, frame);
    }

    void send(TransportAddress peer, byte[] payload) {
        relay.fromClient(
                address,
                SimulatedRelay.message(
                        StunType.of(StunType.SEND, StunType.INDICATION),
                        it ->
                                it.xorAddress(StunAttribute.XOR_PEER_ADDRESS, peer)
                                        .bytes(StunAttribute.DATA, payload)));
    }
}
