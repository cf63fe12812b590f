package dev.peerline.datachannel.dtls;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals and opens the records of epoch 1 with AES-GCM (RFC 5288, RFC 6347 §4.1.2): bytes in, bytes
 * out. The explicit nonce is epoch and sequence number, which never come twice.
 *
 * <p>Not thread-safe.
 */
final class RecordLayer {
    private static final int NONCE_BYTES = 8;
    private static final int TAG_BYTES = 16;

    /** Where the plaintext stands in a record. */
    static final int HEAD_BYTES = RecordHeader.BYTES + NONCE_BYTES;

    /** What a record has besides its plaintext. */
    static final int OVERHEAD_BYTES = HEAD_BYTES + TAG_BYTES;

    /** {@link #open}: the record was seen before, is not authentic, or is no record of ours. */
    static final int REFUSED = -1;

    private static final long EPOCH_1 = 1L << 48;

    private final SecretKeySpec writeKey;
    private final SecretKeySpec readKey;
    private final Cipher sealer;
    private final Cipher opener;
    private final byte[] writeNonce = new byte[4 + NONCE_BYTES];
    private final byte[] readNonce = new byte[4 + NONCE_BYTES];
    private final byte[] additional = new byte[RecordHeader.BYTES];
    private final ReplayWindow window = new ReplayWindow();
    private long nextSequence;

    /**
     * Takes over from the handshake.
     *
     * @param nextSequence the first number of epoch 1 that the handshake has not used
     */
    RecordLayer(TrafficKeys write, TrafficKeys read, long nextSequence) {
        this.nextSequence = nextSequence;
        writeKey = new SecretKeySpec(write.key(), "AES");
        readKey = new SecretKeySpec(read.key(), "AES");
        System.arraycopy(write.salt(), 0, writeNonce, 0, 4);
        System.arraycopy(read.salt(), 0, readNonce, 0, 4);
        try {
            sealer = Cipher.getInstance("AES/GCM/NoPadding");
            opener = Cipher.getInstance("AES/GCM/NoPadding");
        } catch (GeneralSecurityException problem) {
            throw new AssertionError("every JDK has AES-GCM", problem);
        }
    }

    /**
     * Makes a record of the plaintext that stands {@link #HEAD_BYTES} after the offset, in place.
     *
     * @param length of the plaintext; {@link #OVERHEAD_BYTES} more are written
     * @return the bytes of the record, or 0 when all sequence numbers are used up
     */
    int seal(int type, byte[] record, int offset, int length) {
        if (nextSequence > RecordHeader.MAX_SEQUENCE) return 0;
        long number = EPOCH_1 | nextSequence++;
        int sealed = NONCE_BYTES + length + TAG_BYTES;
        RecordHeader.write(record, offset, type, number, sealed);
        ByteBuffer.wrap(record).putLong(offset + RecordHeader.BYTES, number);
        ByteBuffer.wrap(writeNonce).putLong(4, number);
        try {
            sealer.init(Cipher.ENCRYPT_MODE, writeKey, new GCMParameterSpec(128, writeNonce));
            sealer.updateAAD(additional(type, number, length));
            int plaintext = offset + HEAD_BYTES;
            sealer.doFinal(record, plaintext, length, record, plaintext);
        } catch (GeneralSecurityException problem) {
            throw new AssertionError("nonces are unique, and the record has room", problem);
        }
        return RecordHeader.BYTES + sealed;
    }

    /**
     * Opens a whole record of the peer.
     *
     * @param recordBytes as its head says
     * @param out with room for the plaintext
     * @return the bytes of the plaintext, or {@link #REFUSED}
     */
    int open(byte[] datagram, int offset, int recordBytes, byte[] out) {
        int length = recordBytes - OVERHEAD_BYTES;
        boolean ours =
                RecordHeader.epoch(datagram, offset) == 1
                        && RecordHeader.version(datagram, offset) == RecordHeader.DTLS_1_2;
        long sequence = RecordHeader.sequence(datagram, offset);
        if (!ours || length < 0 || !window.accepts(sequence)) return REFUSED;
        System.arraycopy(datagram, offset + RecordHeader.BYTES, readNonce, 4, NONCE_BYTES);
        int opened = decrypt(readKey, readNonce, new Sealed(datagram, offset, length), out);
        if (opened != REFUSED) window.add(sequence);
        return opened;
    }

    /** Opens a record that was written with our own key, during the handshake. */
    byte[] openOwn(byte[] record) {
        byte[] nonce = writeNonce.clone();
        System.arraycopy(record, RecordHeader.BYTES, nonce, 4, NONCE_BYTES);
        byte[] plaintext = new byte[record.length - OVERHEAD_BYTES];
        if (decrypt(writeKey, nonce, new Sealed(record, 0, plaintext.length), plaintext) == REFUSED)
            throw new AssertionError("the handshake and its records have the same keys");
        return plaintext;
    }

    /** A record at an offset, and the length of what is in it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sealed(byte[] bytes, int offset, int length) {}

    private int decrypt(SecretKeySpec key, byte[] nonce, Sealed sealed, byte[] out) {
        byte[] bytes = sealed.bytes;
        int offset = sealed.offset;
        int length = sealed.length;
        long number = RecordHeader.sequence(bytes, offset) | EPOCH_1;
        try {
            opener.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, nonce));
            opener.updateAAD(additional(RecordHeader.type(bytes, offset), number, length));
            return opener.doFinal(bytes, offset + HEAD_BYTES, length + TAG_BYTES, out, 0);
        } catch (AEADBadTagException _) {
            return REFUSED;
        } catch (GeneralSecurityException problem) {
            throw new AssertionError("out has room for the plaintext", problem);
        }
    }

    /** RFC 5246 §6.2.3.3: number, type, version, length of the plaintext. */
    private byte[] additional(int type, long number, int length) {
        ByteBuffer.wrap(additional)
                .putLong(number)
                .put((byte) type)
                .putShort((short) RecordHeader.DTLS_1_2)
                .putShort((short) length);
        return additional;
    }
}
