package dev.peerline.datachannel.dtls;

import dev.peerline.datachannel.sdp.Fingerprint;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * One DTLS 1.2 association: datagrams of the path below in and out, packets of SCTP above.
 *
 * <p>Datagrams may be given to it before it is started, as a peer's ClientHello may come before its
 * session description; they wait. During the handshake it has a virtual thread, afterwards none.
 *
 * <p>Not thread-safe: methods and listener run in the owner's context, which the executor leads to.
 * A handshake that ends tells so through the executor.
 */
public final class DtlsTransport {
    /** The W3C's states. */
    public enum State {
        NEW,
        CONNECTING,
        CONNECTED,
        CLOSED,
        FAILED
    }

    /** What the transport tells its owner. */
    public interface Listener {
        /** A datagram to send. */
        void transmit(byte[] datagram, int offset, int length);

        /** Packets can be sent from now on. */
        void connected();

        /** A packet of the peer; the bytes are the transport's again afterwards. */
        void received(byte[] packet, int offset, int length);

        /** The peer has closed (close_notify). */
        void closed();

        /** It is over. */
        void failed(String reason);
    }

    /** What stands before the plaintext in {@link #send}. */
    public static final int HEAD_BYTES = RecordLayer.HEAD_BYTES;

    /** What a record has besides its plaintext, head included. */
    public static final int OVERHEAD_BYTES = RecordLayer.OVERHEAD_BYTES;

    private static final int HANDSHAKE_FINISHED = 20;
    private static final int ALERT_FATAL = 2;
    private static final int CLOSE_NOTIFY = 0;

    private final DtlsCertificate certificate;
    private final DtlsTimeouts timeouts;
    private final Executor owner;
    private final Listener listener;
    private final HandshakeChannel handshake;
    private State state = State.NEW;
    private @Nullable RecordLayer records;
    private @Nullable LastFlight lastFlight;
    private byte[] plaintext = new byte[2048];
    private long refusedRecords;
    private int suite;

    /** What the server has to send again when the client asks (RFC 6347 §4.2.4). */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record LastFlight(byte[] changeCipherSpec, byte[] finished) {}

    /**
     * A transport that waits to be started.
     *
     * @param owner runs tasks one at a time, in the context that calls the methods
     */
    public DtlsTransport(
            DtlsCertificate certificate, DtlsTimeouts timeouts, Executor owner, Listener listener) {
        this.certificate = certificate;
        this.timeouts = timeouts;
        this.owner = owner;
        this.listener = listener;
        handshake =
                new HandshakeChannel(
                        datagram -> owner.execute(() -> transmitDuringHandshake(datagram)));
    }

    public State state() {
        return state;
    }

    /** Records that were dropped: malformed, replayed, not authentic, or of no use any more. */
    public long refusedRecords() {
        return refusedRecords;
    }

    /** The cipher suite, as IANA numbers it; 0 before the end of the handshake. */
    public int cipherSuite() {
        return suite;
    }

    /**
     * Begins the handshake.
     *
     * @param fingerprints of the peer's session description, one of which must match
     */
    public void start(DtlsRole role, List<Fingerprint> fingerprints) {
        if (state != State.NEW) throw new IllegalStateException("started already: " + state);
        state = State.CONNECTING;
        HandshakePeer peer =
                new HandshakePeer(certificate, new PeerFingerprints(fingerprints), timeouts);
        Thread.ofVirtual()
                .name("peerline-dtls-handshake")
                .start(
                        () -> {
                            Handshake.Outcome outcome = Handshake.run(role, peer, handshake);
                            owner.execute(() -> onOutcome(role, outcome));
                        });
    }

    private void transmitDuringHandshake(byte[] datagram) {
        if (state == State.CONNECTING) listener.transmit(datagram, 0, datagram.length);
    }

    private void onOutcome(DtlsRole role, Handshake.Outcome outcome) {
        if (state != State.CONNECTING) return;
        switch (outcome) {
            case Handshake.Outcome.Failed failed -> fail(failed.reason());
            case Handshake.Outcome.Done done -> takeOver(role, done.keys());
        }
    }

    private void takeOver(DtlsRole role, KeyExport keys) {
        boolean client = role == DtlsRole.CLIENT;
        records =
                new RecordLayer(
                        client ? keys.client() : keys.server(),
                        client ? keys.server() : keys.client(),
                        handshake.nextSequence(1));
        // In a full handshake, and there is no other here, the server's flight is the last.
        if (!client)
            lastFlight =
                    new LastFlight(
                            handshake.changeCipherSpec(), records.openOwn(handshake.finished()));
        suite = keys.suite();
        state = State.CONNECTED;
        listener.connected();
        for (byte[] datagram : handshake.leftOver()) receive(datagram, 0, datagram.length);
    }

    /** A datagram of the peer, whatever it may be. */
    public void receive(byte[] datagram, int offset, int length) {
        switch (state) {
            case NEW, CONNECTING ->
                    handshake.arrive(Arrays.copyOfRange(datagram, offset, offset + length));
            case CONNECTED -> receiveRecords(datagram, offset, offset + length);
            case CLOSED, FAILED -> {}
        }
    }

    private void receiveRecords(byte[] datagram, int offset, int end) {
        RecordLayer layer = records;
        int at = offset;
        while (layer != null && at < end && state == State.CONNECTED) {
            int bytes = RecordHeader.recordBytes(datagram, at, end);
            if (bytes == 0) {
                refusedRecords++;
                return;
            }
            if (plaintext.length < bytes) plaintext = new byte[bytes];
            int length = layer.open(datagram, at, bytes, plaintext);
            if (length == RecordLayer.REFUSED) refusedRecords++;
            else onRecord(RecordHeader.type(datagram, at), length);
            at += bytes;
        }
    }

    private void onRecord(int type, int length) {
        switch (type) {
            case RecordHeader.APPLICATION_DATA -> listener.received(plaintext, 0, length);
            case RecordHeader.ALERT -> onAlert(length);
            case RecordHeader.HANDSHAKE -> onHandshakeRecord(length);
            default -> refusedRecords++;
        }
    }

    private void onAlert(int length) {
        if (length != 2) {
            refusedRecords++;
        } else if (plaintext[1] == CLOSE_NOTIFY) {
            close();
            listener.closed();
        } else if (plaintext[0] == ALERT_FATAL) {
            fail("the peer has ended the DTLS association: alert " + (plaintext[1] & 0xff));
        }
    }

    /** The client has not seen our Finished: it sends its own again. Nothing else is answered. */
    private void onHandshakeRecord(int length) {
        LastFlight flight = lastFlight;
        if (flight == null || length == 0 || plaintext[0] != HANDSHAKE_FINISHED) {
            refusedRecords++;
            return;
        }
        byte[] again = flight.changeCipherSpec();
        byte[] datagram = new byte[again.length + OVERHEAD_BYTES + flight.finished().length];
        System.arraycopy(again, 0, datagram, 0, again.length);
        System.arraycopy(
                flight.finished(),
                0,
                datagram,
                again.length + HEAD_BYTES,
                flight.finished().length);
        int sealed = seal(RecordHeader.HANDSHAKE, datagram, again.length, flight.finished().length);
        if (sealed > 0) listener.transmit(datagram, 0, again.length + sealed);
    }

    /**
     * Sends a packet. Its bytes stand {@link #HEAD_BYTES} after the offset, with room for {@link
     * #OVERHEAD_BYTES} in all; the datagram is made in place, and given to the listener.
     *
     * @return false when the transport is not connected
     */
    public boolean send(byte[] datagram, int offset, int length) {
        if (state != State.CONNECTED) return false;
        int sealed = seal(RecordHeader.APPLICATION_DATA, datagram, offset, length);
        if (sealed == 0) {
            fail("all sequence numbers of the DTLS association are used up");
            return false;
        }
        listener.transmit(datagram, offset, sealed);
        return true;
    }

    private int seal(int type, byte[] datagram, int offset, int length) {
        if (records == null) throw new AssertionError("connected, and without keys");
        return records.seal(type, datagram, offset, length);
    }

    /** Says so to the peer, and ends. The listener hears nothing any more. */
    public void close() {
        State before = state;
        if (before == State.CONNECTED) sendCloseNotify();
        if (before != State.FAILED) state = State.CLOSED;
        if (before == State.CONNECTING) handshake.abandon();
        forget();
    }

    private void sendCloseNotify() {
        byte[] record = new byte[OVERHEAD_BYTES + 2];
        record[HEAD_BYTES] = 1;
        record[HEAD_BYTES + 1] = CLOSE_NOTIFY;
        int sealed = seal(RecordHeader.ALERT, record, 0, 2);
        if (sealed > 0) listener.transmit(record, 0, sealed);
    }

    private void fail(String reason) {
        state = State.FAILED;
        forget();
        listener.failed(reason);
    }

    private void forget() {
        records = null;
        lastFlight = null;
    }
}
