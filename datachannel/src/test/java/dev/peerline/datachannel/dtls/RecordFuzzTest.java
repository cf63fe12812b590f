package dev.peerline.datachannel.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;

import java.util.Arrays;

/** Any datagram, into the demultiplexer and into the record layer. */
final class RecordFuzzTest {
    private static final TrafficKeys OURS = new TrafficKeys(new byte[16], new byte[4]);
    private static final TrafficKeys THEIRS =
            new TrafficKeys(
                    new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
                    new byte[] {1, 2, 3, 4});

    @FuzzTest
    void sortsEveryDatagramByItsFirstByte(byte[] datagram) {
        PacketKind kind = PacketKind.of(datagram, 0, datagram.length);
        boolean dtls = datagram.length > 0 && datagram[0] >= 20 && datagram[0] <= 63;
        assertEquals(dtls, kind == PacketKind.DTLS);
    }

    @FuzzTest
    void opensNothingThatWasNotSealedForIt(byte[] datagram) {
        RecordLayer layer = new RecordLayer(OURS, THEIRS, 1);
        int bytes = RecordHeader.recordBytes(datagram, 0, datagram.length);
        assertTrue(bytes <= datagram.length);
        if (bytes == 0) return;
        byte[] out = new byte[bytes];
        assertEquals(RecordLayer.REFUSED, layer.open(datagram, 0, bytes, out));
    }

    /** What is sealed comes out again, once; and a record that follows it in the datagram too. */
    @FuzzTest
    void opensWhatWasSealedOnce(byte[] payload) {
        RecordLayer sender = new RecordLayer(OURS, THEIRS, 1);
        RecordLayer receiver = new RecordLayer(THEIRS, OURS, 1);
        byte[] record = new byte[payload.length + RecordLayer.OVERHEAD_BYTES];
        System.arraycopy(payload, 0, record, RecordLayer.HEAD_BYTES, payload.length);
        int sealed = sender.seal(RecordHeader.APPLICATION_DATA, record, 0, payload.length);
        assertEquals(record.length, sealed);
        byte[] out = new byte[record.length];
        int bytes = RecordHeader.recordBytes(record, 0, record.length);
        int length = receiver.open(record, 0, bytes, out);
        assertEquals(payload.length, length);
        assertTrue(Arrays.equals(payload, Arrays.copyOf(out, length)));
        assertEquals(RecordLayer.REFUSED, receiver.open(record, 0, bytes, out));
    }
}
