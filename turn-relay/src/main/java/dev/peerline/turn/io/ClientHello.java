package dev.peerline.turn.io;

import static dev.peerline.turn.io.DtlsFlights.HANDSHAKE;
import static dev.peerline.turn.io.DtlsFlights.HANDSHAKE_HEADER;
import static dev.peerline.turn.io.DtlsFlights.RECORD_HEADER;
import static dev.peerline.turn.io.DtlsFlights.putUint24;
import static dev.peerline.turn.io.DtlsFlights.uint24;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A DTLS ClientHello in one record and one fragment (RFC 6347 §4.2), as every client of TURN sends
 * it. One in several fragments is not served: whoever sends so much can be anybody.
 */
final class ClientHello {
    private static final int BODY = RECORD_HEADER + HANDSHAKE_HEADER;
    private static final int CLIENT_HELLO = 1;
    private static final int HELLO_VERIFY_REQUEST = 3;
    private static final int VERSION_AND_RANDOM = 34;

    private final ByteBuffer datagram;
    private final int cookieAt;
    private final int cookieBytes;

    private ClientHello(ByteBuffer datagram, int cookieAt, int cookieBytes) {
        this.datagram = datagram;
        this.cookieAt = cookieAt;
        this.cookieBytes = cookieBytes;
    }

    /** Whether a datagram begins with a handshake that is not encrypted yet. */
    static boolean isHandshake(ByteBuffer datagram) {
        return datagram.remaining() > BODY
                && datagram.get(0) == HANDSHAKE
                && datagram.getShort(3) == 0;
    }

    /** Null for anything else. */
    static @Nullable ClientHello parse(ByteBuffer datagram) {
        if (!isHandshake(datagram) || datagram.get(RECORD_HEADER) != CLIENT_HELLO) return null;
        int bytes = uint24(datagram, RECORD_HEADER + 1);
        boolean whole =
                Short.toUnsignedInt(datagram.getShort(11)) == HANDSHAKE_HEADER + bytes
                        && uint24(datagram, RECORD_HEADER + 6) == 0
                        && uint24(datagram, RECORD_HEADER + 9) == bytes
                        && datagram.remaining() >= BODY + bytes;
        int session = BODY + VERSION_AND_RANDOM;
        if (!whole || bytes <= VERSION_AND_RANDOM) return null;
        int cookie = session + 1 + Byte.toUnsignedInt(datagram.get(session));
        if (cookie >= BODY + bytes) return null;
        int cookieBytes = Byte.toUnsignedInt(datagram.get(cookie));
        if (cookie + 1 + cookieBytes > BODY + bytes) return null;
        return new ClientHello(datagram, cookie + 1, cookieBytes);
    }

    boolean hasCookie() {
        return cookieBytes > 0;
    }

    /** Whether it is of the handshake that the other began; it may have come twice. */
    boolean isAs(ClientHello other) {
        ByteBuffer random = datagram.slice(BODY, VERSION_AND_RANDOM);
        return random.equals(other.datagram.slice(BODY, VERSION_AND_RANDOM));
    }

    /** One that stays when the memory is used for something else. */
    ClientHello copy() {
        ByteBuffer bytes = ByteBuffer.allocate(datagram.remaining()).put(datagram()).flip();
        return new ClientHello(bytes, cookieAt, cookieBytes);
    }

    ByteBuffer datagram() {
        return datagram.duplicate();
    }

    /** As it was when it came first: an engine that has seen none makes its cookie of that. */
    ByteBuffer first() {
        int bytes = uint24(datagram, RECORD_HEADER + 1);
        int left = bytes - cookieBytes;
        ByteBuffer first = ByteBuffer.allocate(BODY + left);
        first.put(datagram.slice(0, cookieAt));
        first.put(datagram.slice(cookieAt + cookieBytes, BODY + bytes - cookieAt - cookieBytes));
        first.put(cookieAt - 1, (byte) 0);
        first.putShort(9, (short) 0).putInt(5, 0); // the number of the record
        first.putShort(11, (short) (HANDSHAKE_HEADER + left));
        putUint24(first, RECORD_HEADER + 1, left);
        first.putShort(RECORD_HEADER + 4, (short) 0); // and of the message
        putUint24(first, RECORD_HEADER + 9, left);
        return first.flip();
    }

    /** Whether it has the cookie that a HelloVerifyRequest asks for. */
    boolean answers(ByteBuffer request) {
        boolean asks =
                request.remaining() > BODY + 3
                        && request.get(0) == HANDSHAKE
                        && request.get(RECORD_HEADER) == HELLO_VERIFY_REQUEST;
        if (!asks) return false;
        byte[] wanted = new byte[Byte.toUnsignedInt(request.get(BODY + 2))];
        if (request.remaining() < BODY + 3 + wanted.length) return false;
        request.get(BODY + 3, wanted);
        byte[] given = new byte[cookieBytes];
        datagram.get(cookieAt, given);
        return cookieBytes > 0 && Arrays.equals(wanted, given);
    }
}
