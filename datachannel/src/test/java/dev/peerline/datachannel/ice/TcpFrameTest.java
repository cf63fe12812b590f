package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;

/** RFC 4571 §2: "a 16-bit unsigned integer LENGTH value, followed by the packet". */
final class TcpFrameTest {
    private static ByteBuffer bytes(int... values) {
        ByteBuffer buffer = ByteBuffer.allocate(values.length);
        for (int value : values) buffer.put((byte) value);
        return buffer.flip();
    }

    @Test
    void waitsForAllOfTheLengthAndAllOfThePacket() {
        assertEquals(TcpFrame.INCOMPLETE, TcpFrame.next(bytes(), 9));
        assertEquals(TcpFrame.INCOMPLETE, TcpFrame.next(bytes(0), 9));
        ByteBuffer partly = bytes(0, 3, 7, 8);
        assertEquals(TcpFrame.INCOMPLETE, TcpFrame.next(partly, 9));
        assertEquals(0, partly.position());
    }

    @Test
    void findsOnePacketAfterTheOther() {
        ByteBuffer stream = bytes(0, 2, 7, 8, 0, 0, 0, 1, 9);
        assertEquals(2, TcpFrame.next(stream, 9));
        assertEquals(2, stream.position());
        stream.position(4);
        assertEquals(0, TcpFrame.next(stream, 9));
        assertEquals(1, TcpFrame.next(stream, 9));
        assertEquals(9, stream.get());
        assertEquals(TcpFrame.INCOMPLETE, TcpFrame.next(stream, 9));
    }

    @Test
    void saysThatAPacketIsTooLongBeforeItIsThere() {
        assertEquals(9, TcpFrame.next(bytes(0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9), 9));
        assertEquals(TcpFrame.TOO_LONG, TcpFrame.next(bytes(0, 10), 9));
        assertEquals(TcpFrame.TOO_LONG, TcpFrame.next(bytes(0xff, 0xff), TcpFrame.MAX_BYTES));
    }
}
