package dev.peerline.datachannel.ice;

import dev.peerline.net.TransportAddress;
import dev.peerline.net.stun.StunAttribute;
import dev.peerline.net.stun.StunFingerprint;
import dev.peerline.net.stun.StunIntegrity;
import dev.peerline.net.stun.StunReader;
import dev.peerline.net.stun.StunType;
import dev.peerline.net.stun.StunWriter;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The messages of checks (RFC 8445 §7), made and authenticated. Not thread-safe. */
final class CheckMessages {
    /** More than any of them has. */
    private static final int MAX_BYTES = 768;

    private final StunIntegrity integrity = new StunIntegrity();
    private final StunWriter writer = new StunWriter();
    private final ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES);

    /** A transaction id: 32 and 64 bits. */
    record TransactionId(int high, long low) {
        static TransactionId of(StunReader message) {
            return new TransactionId(message.transactionHigh(), message.transactionLow());
        }

        static TransactionId of(byte[] message) {
            ByteBuffer buffer = ByteBuffer.wrap(message);
            return new TransactionId(buffer.getInt(8), buffer.getLong(12));
        }
    }

    static boolean isRequest(byte[] message) {
        return (message[0] & 1) == 0 && (message[1] & 0x10) == 0;
    }

    /** A request of ours on a selected pair. Valid until the next message is made. */
    ByteBuffer request(TransactionId id, Checks.Identity who, long priority, boolean nominates) {
        int type = StunType.of(StunType.BINDING, StunType.REQUEST);
        int role = who.controlling() ? StunAttribute.ICE_CONTROLLING : StunAttribute.ICE_CONTROLLED;
        String username = who.remote().usernameFragment() + ":" + who.local().usernameFragment();
        writer.begin(buffer.clear(), 0, type, id.high, id.low)
                .text(StunAttribute.USERNAME, username)
                .longNumber(role, who.tieBreaker())
                .number(StunAttribute.PRIORITY, priority);
        if (nominates) writer.flag(StunAttribute.USE_CANDIDATE);
        return sealed(who.remote().password());
    }

    /** The answer to a request of the peer's. Valid until the next message is made. */
    ByteBuffer success(StunReader request, TransportAddress source, String password) {
        writer.answer(buffer.clear(), 0, request, StunType.SUCCESS)
                .xorAddress(StunAttribute.XOR_MAPPED_ADDRESS, source);
        return sealed(password);
    }

    /** A request without credentials, to a STUN server. */
    ByteBuffer plainRequest(TransactionId id) {
        int type = StunType.of(StunType.BINDING, StunType.REQUEST);
        writer.begin(buffer.clear(), 0, type, id.high, id.low).fingerprint();
        return buffer.limit(writer.length());
    }

    private ByteBuffer sealed(String password) {
        writer.integrity(integrity, StunIntegrity.Kind.SHA1, key(password)).fingerprint();
        return buffer.limit(writer.length());
    }

    /** Whether whoever has this password made the message. */
    boolean isBy(String password, StunReader message) {
        return StunFingerprint.isValid(message)
                && integrity.verify(StunIntegrity.Kind.SHA1, message, key(password));
    }

    private static byte[] key(String password) {
        return password.getBytes(StandardCharsets.US_ASCII);
    }
}
