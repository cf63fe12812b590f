package dev.peerline.datachannel.dtls;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A ClientHello as browsers send it today: DTLS 1.3 first, with a key share of ML-KEM's size. */
final class LargeClientHello {
    private static final int X25519_MLKEM768 = 0x11ec;
    private static final int X25519 = 29;
    private static final int P256 = 23;

    private LargeClientHello() {}

    static byte[] message() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(0xfefd);
        out.write(new byte[32]);
        out.writeByte(0); // session id
        out.writeByte(0); // cookie
        int[] suites = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xcca9, 0xcca8};
        out.writeShort(2 * suites.length);
        for (int suite : suites) out.writeShort(suite);
        out.writeShort(0x0100); // no compression
        byte[] extensions = extensions();
        out.writeShort(extensions.length);
        out.write(extensions);
        return bytes.toByteArray();
    }

    private static byte[] extensions() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        extension(out, 23); // extended_master_secret
        extension(out, 0xff01, 0); // renegotiation_info
        extension(out, 10, 0, 6, X25519_MLKEM768 >> 8, X25519_MLKEM768 & 0xff, 0, X25519, 0, P256);
        extension(out, 11, 1, 0); // ec_point_formats
        extension(out, 13, 0, 6, 4, 3, 8, 4, 4, 1); // signature_algorithms
        extension(out, 14, 0, 4, 0, 1, 0, 7, 0); // use_srtp
        extension(out, 43, 4, 0xfe, 0xfc, 0xfe, 0xfd); // supported_versions
        byte[] share = new byte[2 + 4 + 1216 + 4 + 32];
        ByteBuffer.wrap(share)
                .putShort((short) (share.length - 2))
                .putShort((short) X25519_MLKEM768)
                .putShort((short) 1216)
                .position(2 + 4 + 1216)
                .putShort((short) X25519)
                .putShort((short) 32);
        out.writeShort(51);
        out.writeShort(share.length);
        out.write(share);
        return bytes.toByteArray();
    }

    private static void extension(DataOutputStream out, int type, int... body) throws IOException {
        out.writeShort(type);
        out.writeShort(body.length);
        for (int value : body) out.writeByte(value);
    }

    /** As records of epoch 0, one in a datagram. */
    static List<byte[]> fragments(byte[] message, int size) {
        List<byte[]> all = new ArrayList<>();
        for (int at = 0; at < message.length; at += size) {
            byte[] part = Arrays.copyOfRange(message, at, Math.min(message.length, at + size));
            byte[] datagram = new byte[RecordHeader.BYTES + 12 + part.length];
            RecordHeader.write(datagram, 0, RecordHeader.HANDSHAKE, all.size(), 12 + part.length);
            ByteBuffer out = ByteBuffer.wrap(datagram).position(RecordHeader.BYTES);
            out.putInt(1 << 24 | message.length).putShort((short) 0);
            out.put((byte) 0).putShort((short) at);
            out.put((byte) 0).putShort((short) part.length).put(part);
            all.add(datagram);
        }
        return all;
    }
}
