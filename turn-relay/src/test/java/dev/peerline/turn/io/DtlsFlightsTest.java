package dev.peerline.turn.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What is done to a handshake's records, and made of a first one, without an engine. */
final class DtlsFlightsTest {
    private static final int HEADER = DtlsFlights.RECORD_HEADER + DtlsFlights.HANDSHAKE_HEADER;

    private final List<ByteBuffer> sent = new ArrayList<>();
    private final DtlsFlights flights =
            new DtlsFlights(
                    it -> sent.add(ByteBuffer.allocate(it.remaining()).put(it.duplicate()).flip()));

    /** A handshake message in one record. */
    private static ByteBuffer record(int epoch, int bytes) {
        ByteBuffer record = ByteBuffer.allocate(HEADER + bytes);
        record.put((byte) DtlsFlights.HANDSHAKE).putShort((short) 0xfefd).putShort((short) epoch);
        record.position(11).putShort((short) (DtlsFlights.HANDSHAKE_HEADER + bytes));
        record.put((byte) 11);
        DtlsFlights.putUint24(record, 14, bytes);
        record.putShort(17, (short) 3);
        DtlsFlights.putUint24(record, 22, bytes);
        for (int i = 0; i < bytes; i++) record.put(HEADER + i, (byte) i);
        return record.position(0);
    }

    @Test
    void aLongMessageIsCutAndNumbersGoOn() {
        flights.send(record(0, 100));
        flights.send(record(0, 3_000));
        flights.send(record(0, 100));
        byte[] whole = new byte[3_000];
        for (int i = 0; i < sent.size(); i++) {
            ByteBuffer each = sent.get(i);
            assertTrue(each.remaining() <= 1232, "too long");
            assertEquals(i, each.getInt(7), "the record's number");
            assertEquals(each.remaining() - DtlsFlights.RECORD_HEADER, each.getShort(11));
            if (i == 0 || i == sent.size() - 1) continue;
            assertEquals(3, each.getShort(17), "the message's number");
            assertEquals(3_000, DtlsFlights.uint24(each, 14));
            int bytes = DtlsFlights.uint24(each, 22);
            each.get(HEADER, whole, DtlsFlights.uint24(each, 19), bytes);
        }
        assertEquals(5, sent.size());
        byte[] expected = new byte[3_000];
        record(0, 3_000).get(HEADER, expected);
        assertArrayEquals(expected, whole);
    }

    @Test
    void theLastFlightIsSentAgainUntilTheClientGoesOn() {
        flights.send(record(0, 10));
        flights.heard();
        flights.send(record(0, 20));
        flights.send(record(1, 30));
        List<ByteBuffer> last = List.copyOf(sent.subList(1, 3));
        sent.clear();
        flights.resend();
        assertEquals(last, sent);
        flights.confirmed();
        sent.clear();
        flights.resend();
        assertEquals(List.of(), sent);
    }

    @Test
    void aStrangerHasItSentAgainOnlySoOften() {
        flights.send(record(1, 30));
        for (int i = 0; i < 100; i++) flights.resend();
        assertEquals(11, sent.size());
    }

    /** RFC 6347 §4.2.1: the second hello is the first with a cookie, and other numbers. */
    private static ByteBuffer hello(int cookieBytes, int number) {
        int bytes = 34 + 1 + 1 + cookieBytes + 8;
        ByteBuffer hello = record(0, bytes);
        hello.put(13, (byte) 1).putShort(17, (short) number).putInt(7, number);
        hello.put(HEADER + 34, (byte) 0).put(HEADER + 35, (byte) cookieBytes);
        for (int i = 0; i < cookieBytes; i++) hello.put(HEADER + 36 + i, (byte) 0xc0);
        for (int i = 0; i < 8; i++) hello.put(HEADER + 36 + cookieBytes + i, (byte) (0xa0 + i));
        return hello;
    }

    @Test
    void theFirstHelloIsMadeOfTheSecond() {
        ClientHello second = ClientHello.parse(hello(20, 1));
        assertTrue(second != null && second.hasCookie());
        assertEquals(hello(0, 0), second.first());
        ClientHello first = ClientHello.parse(second.first());
        assertTrue(first != null && !first.hasCookie() && first.isAs(second));
    }

    @Test
    void noTruncatedOrBrokenHelloIsTakenForOne() {
        ByteBuffer good = hello(20, 1);
        for (int length = 0; length < good.remaining(); length++)
            assertNull(ClientHello.parse(good.slice(0, length)));
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            ByteBuffer bad = ByteBuffer.allocate(good.remaining()).put(good.duplicate()).flip();
            for (int j = 0; j < 3; j++)
                bad.put(random.nextInt(bad.remaining()), (byte) random.nextInt(256));
            ClientHello hello = ClientHello.parse(bad);
            if (hello != null) ClientHello.parse(hello.first());
        }
    }
}
