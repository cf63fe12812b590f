package dev.peerline.datachannel.dtls;

import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * What BouncyCastle takes for a socket. On the way in a bounded queue, filled from elsewhere; on
 * the way out the records of a flight share datagrams. It notes what the record layer has to know
 * that takes over: which numbers are used, our last flight, and what arrived too early.
 *
 * <p>The queue may be filled by any thread; all else belongs to the handshake's.
 */
final class HandshakeChannel implements DatagramTransport {
    /** A flight of either side has fewer datagrams; the rest comes again. */
    private static final int MAX_QUEUED = 64;

    /** Messages of the peer that are ahead of its Finished. */
    private static final int MAX_EARLY = 32;

    /** As {@code SctpConfig.SAFE_PACKET_BYTES}: fits every path that IPv6 promises. */
    private static final int MAX_DATAGRAM_BYTES = 1200;

    private static final int MAX_RECEIVED_BYTES = 16 << 10;

    private final BlockingQueue<byte[]> arrived = new ArrayBlockingQueue<>(MAX_QUEUED);
    private final Consumer<byte[]> out;
    private final ArrayDeque<byte[]> records = new ArrayDeque<>();
    private final List<byte[]> early = new ArrayList<>();
    private final byte[] flight = new byte[MAX_DATAGRAM_BYTES];
    private int flightBytes;
    private final long[] nextSequence = new long[2];
    private byte @Nullable [] changeCipherSpec;
    private byte @Nullable [] finished;
    private volatile boolean closed;

    HandshakeChannel(Consumer<byte[]> out) {
        this.out = out;
    }

    /** A datagram from the peer; dropped when too many wait. */
    void arrive(byte[] datagram) {
        var _ = arrived.offer(datagram);
    }

    /** Ends the handshake, if it is still under way. */
    void abandon() {
        closed = true;
        var _ = arrived.offer(new byte[0]);
    }

    @Override
    public int getReceiveLimit() {
        return MAX_RECEIVED_BYTES;
    }

    @Override
    public int getSendLimit() {
        return MAX_DATAGRAM_BYTES;
    }

    /**
     * Gives BouncyCastle one record at a time: of a datagram that begins with a record of the epoch
     * before, it would drop the rest, and with it a Finished that was sent again.
     */
    @Override
    public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
        flush();
        if (records.isEmpty()) split(await(waitMillis));
        byte[] record = records.poll();
        if (record == null || isEarly(record)) return -1;
        int taken = Math.min(length, record.length);
        System.arraycopy(record, 0, buffer, offset, taken);
        return taken;
    }

    private byte @Nullable [] await(int waitMillis) throws IOException {
        try {
            byte[] datagram =
                    waitMillis > 0
                            ? arrived.poll(waitMillis, TimeUnit.MILLISECONDS)
                            : arrived.poll();
            if (closed) throw new IOException("closed while the handshake was under way");
            return datagram;
        } catch (InterruptedException _) {
            throw new InterruptedIOException("interrupted");
        }
    }

    private void split(byte @Nullable [] datagram) {
        if (datagram == null) return;
        for (int at = 0; at < datagram.length; ) {
            int bytes = RecordHeader.recordBytes(datagram, at, datagram.length);
            if (bytes == 0) return;
            records.add(Arrays.copyOfRange(datagram, at, at + bytes));
            at += bytes;
        }
    }

    /** BouncyCastle forgets data that comes before the end of the handshake. */
    private boolean isEarly(byte[] record) {
        boolean data =
                RecordHeader.type(record, 0) == RecordHeader.APPLICATION_DATA
                        && RecordHeader.epoch(record, 0) == 1;
        if (data && early.size() < MAX_EARLY) early.add(record);
        return data;
    }

    /** BouncyCastle sends one record at a time. */
    @Override
    public void send(byte[] buffer, int offset, int length) throws IOException {
        note(buffer, offset, length);
        if (flightBytes + length > flight.length) flush();
        System.arraycopy(buffer, offset, flight, flightBytes, length);
        flightBytes += length;
    }

    private void note(byte[] record, int offset, int length) {
        int epoch = RecordHeader.epoch(record, offset);
        if (epoch < nextSequence.length)
            nextSequence[epoch] = RecordHeader.sequence(record, offset) + 1;
        byte[] copy = Arrays.copyOfRange(record, offset, offset + length);
        int type = RecordHeader.type(record, offset);
        if (type == RecordHeader.CHANGE_CIPHER_SPEC) changeCipherSpec = copy;
        if (type == RecordHeader.HANDSHAKE && epoch == 1) finished = copy;
    }

    void flush() {
        if (flightBytes == 0) return;
        out.accept(Arrays.copyOf(flight, flightBytes));
        flightBytes = 0;
    }

    @Override
    public void close() {
        flush();
    }

    /** What is left for the record layer, in the order of arrival. */
    List<byte[]> leftOver() {
        List<byte[]> all = new ArrayList<>(early);
        all.addAll(records);
        arrived.drainTo(all);
        return all;
    }

    long nextSequence(int epoch) {
        return nextSequence[epoch];
    }

    byte[] changeCipherSpec() {
        if (changeCipherSpec == null) throw new AssertionError("no handshake goes without it");
        return changeCipherSpec;
    }

    byte[] finished() {
        if (finished == null) throw new AssertionError("no handshake goes without it");
        return finished;
    }
}
