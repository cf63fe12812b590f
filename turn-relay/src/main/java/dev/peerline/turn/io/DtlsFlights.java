package dev.peerline.turn.io;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Cuts a server's handshake messages to what every path carries (RFC 6347 §4.2.3): a chain of
 * certificates has some thousand bytes, and the JDK's engine, told of a limit, goes by it for data
 * too. Before records are encrypted nothing depends on how messages are cut, nor on the records'
 * numbers. Also keeps the last flight, which the engine forgets as soon as it is done.
 */
final class DtlsFlights {
    static final int RECORD_HEADER = 13;
    static final int HANDSHAKE_HEADER = 12;
    static final int HANDSHAKE = 22;

    /** What an IPv6 link carries at least, less its headers (RFC 8200 §5). */
    private static final int MAX_BYTES = 1232;

    private static final int MAX_BODY = MAX_BYTES - RECORD_HEADER - HANDSHAKE_HEADER;

    /** A flight with a long chain has ten or so; the last one of all has three, maybe twice. */
    private static final int MAX_KEPT = 32;

    private static final int MAX_RESENDS = 10;

    private final Consumer<ByteBuffer> wire;
    private final ByteBuffer piece = ByteBuffer.allocate(MAX_BYTES);
    private final List<ByteBuffer> last = new ArrayList<>();
    private boolean heard;
    private boolean confirmed;
    private int resends;
    private int number;

    DtlsFlights(Consumer<ByteBuffer> wire) {
        this.wire = wire;
    }

    /** The client has said something: what is sent next is another flight. */
    void heard() {
        heard = true;
    }

    /** The client has had the last flight, for it goes on. */
    void confirmed() {
        confirmed = true;
        last.clear();
    }

    /** The client says its last flight again, so it has not had ours (RFC 6347 §4.2.4). */
    void resend() {
        if (++resends <= MAX_RESENDS) last.forEach(it -> wire.accept(it.duplicate()));
    }

    /** Passes one datagram of one record on. */
    void send(ByteBuffer record) {
        boolean encrypted = record.getShort(3) != 0;
        if (encrypted) {
            out(record);
        } else if (record.get(0) == HANDSHAKE && record.remaining() > MAX_BYTES) {
            cut(record);
        } else {
            out(record.putInt(7, number++));
        }
    }

    private void out(ByteBuffer datagram) {
        if (!confirmed) {
            if (heard || last.size() == MAX_KEPT) last.clear();
            heard = false;
            last.add(ByteBuffer.allocate(datagram.remaining()).put(datagram.duplicate()).flip());
        }
        wire.accept(datagram);
    }

    private void cut(ByteBuffer record) {
        int header = RECORD_HEADER + HANDSHAKE_HEADER;
        int begin = uint24(record, RECORD_HEADER + 6);
        int length = record.remaining() - header;
        for (int at = 0; at < length; at += MAX_BODY) {
            int bytes = Math.min(MAX_BODY, length - at);
            piece.clear().put(record.slice(0, header)).put(record.slice(header + at, bytes));
            piece.putInt(7, number++).putShort(11, (short) (HANDSHAKE_HEADER + bytes));
            putUint24(piece, RECORD_HEADER + 6, begin + at);
            putUint24(piece, RECORD_HEADER + 9, bytes);
            out(piece.flip());
        }
    }

    static int uint24(ByteBuffer bytes, int at) {
        return Byte.toUnsignedInt(bytes.get(at)) << 16
                | Short.toUnsignedInt(bytes.getShort(at + 1));
    }

    static void putUint24(ByteBuffer bytes, int at, int value) {
        bytes.put(at, (byte) (value >>> 16)).putShort(at + 1, (short) value);
    }
}
