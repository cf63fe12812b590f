package dev.peerline.turn.probe;

import dev.peerline.net.MutableAddress;
import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.PasswordAlgorithm;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunParse;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * A client with one allocation at most, for checks: what it is asked it does at once, and waits for
 * the answer. Not thread-safe.
 */
public final class TurnProbe implements AutoCloseable {
    /** RFC 8489 §6.2.1, but less patient: a check is waited for. */
    private static final Duration FIRST_RETRANSMISSION = Duration.ofMillis(250);

    private static final int LARGEST_MESSAGE = 2048;
    private static final int UDP_PROTOCOL = 17;
    private static final int MAX_CHALLENGES = 2;

    private final ProbeSocket socket;
    private final Login login;
    private final Duration patience;
    private final SecureRandom random = new SecureRandom();
    private byte[] nonce = {};
    private String realm = "";

    /** Long-term credentials. */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login " + user;
        }
    }

    private TurnProbe(ProbeSocket socket, Login login, Duration patience) {
        this.socket = socket;
        this.login = login;
        this.patience = patience;
    }

    /**
     * A client over UDP.
     *
     * @param patience for each answer
     */
    public static TurnProbe udp(InetSocketAddress server, Login login, Duration patience)
            throws IOException {
        return new TurnProbe(ProbeSocket.udp(server), login, patience);
    }

    public static TurnProbe tcp(InetSocketAddress server, Login login, Duration patience)
            throws IOException {
        return new TurnProbe(ProbeSocket.tcp(server, patience), login, patience);
    }

    /** A client on a socket that is connected already, which it closes. */
    public static TurnProbe on(Socket connected, Login login, Duration patience) {
        return new TurnProbe(ProbeSocket.on(connected), login, patience);
    }

    /** The address that a STUN server sees us by, over UDP. */
    public static InetSocketAddress reflexive(InetSocketAddress server, Duration patience)
            throws IOException {
        Login nobody = new Login("", "");
        try (TurnProbe probe = udp(server, nobody, patience)) {
            StunReader answer = probe.exchange(StunType.BINDING, writer -> {}, false);
            return address(answer, StunAttribute.XOR_MAPPED_ADDRESS);
        }
    }

    /**
     * Allocates.
     *
     * @return the relayed address
     * @throws IOException when there is no answer, or a refusal; the message has its code
     */
    public InetSocketAddress allocate(boolean ipv6) throws IOException {
        StunReader answer =
                ask(
                        StunType.ALLOCATE,
                        writer -> {
                            writer.number(
                                    StunAttribute.REQUESTED_TRANSPORT, (long) UDP_PROTOCOL << 24);
                            if (ipv6)
                                writer.number(StunAttribute.REQUESTED_ADDRESS_FAMILY, 2L << 24);
                        });
        return address(answer, StunAttribute.XOR_RELAYED_ADDRESS);
    }

    /** Lets this peer's address send to us. */
    public void permit(InetSocketAddress peer) throws IOException {
        TransportAddress address = TransportAddress.of(peer);
        ask(
                StunType.CREATE_PERMISSION,
                writer -> writer.xorAddress(StunAttribute.XOR_PEER_ADDRESS, address));
    }

    /**
     * Sends at most 1,400 bytes to a peer through the relay; like any datagram they may be lost.
     */
    public void send(InetSocketAddress peer, byte[] payload) throws IOException {
        TransportAddress address = TransportAddress.of(peer);
        int type = StunType.of(StunType.SEND, StunType.INDICATION);
        socket.send(
                message(
                        type,
                        writer ->
                                writer.xorAddress(StunAttribute.XOR_PEER_ADDRESS, address)
                                        .bytes(StunAttribute.DATA, payload)));
    }

    /** The payload of the next Data indication. */
    public byte[] receive() throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            StunReader reader = next(end);
            int data = reader == null ? -1 : reader.find(StunAttribute.DATA);
            if (reader != null && data >= 0 && reader.method() == StunType.DATA)
                return reader.value(data);
        }
    }

    /** Gives the allocation up. */
    public void release() throws IOException {
        ask(StunType.REFRESH, writer -> writer.number(StunAttribute.LIFETIME, 0));
    }

    private StunReader ask(int method, Consumer<StunWriter> body) throws IOException {
        for (int challenges = 0; ; challenges++) {
            StunReader answer = exchange(method, body, nonce.length > 0);
            int code = answer.errorCode();
            if (code == 0) return answer;
            boolean challenge = code == 401 || code == 438;
            if (!challenge || challenges == MAX_CHALLENGES)
                throw new IOException("refused with " + code);
            int found = answer.find(StunAttribute.NONCE);
            int foundRealm = answer.find(StunAttribute.REALM);
            if (found < 0 || foundRealm < 0) throw new IOException("refused with " + code);
            nonce = answer.value(found);
            realm = answer.text(foundRealm);
        }
    }

    /** One request, sent again as long as nothing comes, and its answer. */
    private StunReader exchange(int method, Consumer<StunWriter> body, boolean signed)
            throws IOException {
        int type = StunType.of(method, StunType.REQUEST);
        byte[] request = message(type, signed ? body.andThen(this::sign) : body);
        long now = System.nanoTime();
        long end = now + patience.toNanos();
        long wait = FIRST_RETRANSMISSION.toNanos();
        while (now - end < 0) {
            socket.send(request);
            long until = socket.isLossy() ? Math.min(end, now + wait) : end;
            StunReader answer = answer(request, until);
            if (answer != null) return answer;
            wait *= 2;
            now = System.nanoTime();
        }
        throw new SocketTimeoutException("no answer");
    }

    private @Nullable StunReader answer(byte[] request, long untilNanos) throws IOException {
        try {
            while (true) {
                StunReader reader = next(untilNanos);
                if (reader == null) continue;
                ByteBuffer asked = ByteBuffer.wrap(request);
                boolean same =
                        reader.transactionHigh() == asked.getInt(8)
                                && reader.transactionLow() == asked.getLong(12);
                if (same && reader.messageClass() >= StunType.SUCCESS) return reader;
            }
        } catch (SocketTimeoutException _) {
            return null;
        }
    }

    private @Nullable StunReader next(long untilNanos) throws IOException {
        Duration left = Duration.ofNanos(untilNanos - System.nanoTime());
        if (left.isNegative() || left.isZero()) throw new SocketTimeoutException("no answer");
        byte[] bytes = socket.receive(left);
        StunReader reader = new StunReader();
        boolean good = reader.parse(ByteBuffer.wrap(bytes), 0, bytes.length) == StunParse.OK;
        return good ? reader : null;
    }

    private byte[] message(int type, Consumer<StunWriter> body) {
        ByteBuffer buffer = ByteBuffer.allocate(LARGEST_MESSAGE);
        StunWriter writer =
                new StunWriter().begin(buffer, 0, type, random.nextInt(), random.nextLong());
        body.accept(writer);
        return Arrays.copyOf(buffer.array(), writer.length());
    }

    private void sign(StunWriter writer) {
        byte[] key = PasswordAlgorithm.MD5.key(login.user, realm, login.password);
        writer.text(StunAttribute.USERNAME, login.user)
                .text(StunAttribute.REALM, realm)
                .bytes(StunAttribute.NONCE, nonce)
                .integrity(new StunIntegrity(), StunIntegrity.Kind.SHA1, key);
    }

    private static InetSocketAddress address(StunReader answer, int attribute) throws IOException {
        MutableAddress address = new MutableAddress();
        int found = answer.find(attribute);
        if (found < 0 || answer.xorAddress(found, address) == 0)
            throw new IOException("an answer without an address");
        return address.toAddress().inetSocketAddress();
    }

    @Override
    public void close() {
        socket.close();
    }
}
