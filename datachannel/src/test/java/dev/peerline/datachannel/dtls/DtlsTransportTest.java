package dev.peerline.datachannel.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.sdp.Fingerprint;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

final class DtlsTransportTest {
    private static final int CLIENT_HELLO = 1;
    private static final ScheduledExecutorService LOOP =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().factory());

    @AfterAll
    static void endsTheLoop() {
        LOOP.shutdownNow();
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    private static DtlsPair connected(long seed) throws Exception {
        DtlsPair pair = new DtlsPair(seed, LOOP, DtlsPair.PATIENT);
        await(pair.connect());
        return pair;
    }

    private static void talkBothWays(DtlsPair pair) throws Exception {
        assertTrue(pair.inLoop(() -> pair.client.send("to the server")));
        assertTrue(pair.inLoop(() -> pair.server.send("to the client")));
        await(pair.client.somethingReceived());
        await(pair.server.somethingReceived());
        assertEquals(List.of("to the server"), pair.server.received);
        assertEquals(List.of("to the client"), pair.client.received);
    }

    @Test
    void carriesPacketsBothWaysAfterTheHandshake() throws Exception {
        DtlsPair pair = connected(1);
        talkBothWays(pair);
        assertEquals(0xc02b, pair.inLoop(pair.client.transport::cipherSuite));
    }

    /** The records of a flight share datagrams: fewer to lose, and fewer to wait for. */
    @Test
    void aHandshakeTakesFewDatagrams() throws Exception {
        DtlsPair pair = connected(2);
        assertTrue(pair.client.sent.size() <= 3, "client: " + pair.client.sent.size());
        assertTrue(pair.server.sent.size() <= 3, "server: " + pair.server.sent.size());
    }

    @ParameterizedTest
    @CsvSource({"0.1, false", "0.1, true", "0.3, false", "0.3, true"})
    void connectsThroughLossAndReordering(double loss, boolean reordering) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (long seed = 1; seed <= 12; seed++) {
            DtlsPair pair = new DtlsPair(seed, LOOP).losing(loss, reordering);
            all.add(
                    pair.connect()
                            .thenRunAsync(
                                    () -> repeatUntilHeard(pair), Thread::startVirtualThread));
        }
        for (CompletableFuture<Void> one : all) await(one);
    }

    /** What is lost after the handshake is for the layer above to send again. */
    private static void repeatUntilHeard(DtlsPair pair) {
        CompletableFuture<Void> both =
                CompletableFuture.allOf(
                        pair.client.somethingReceived(), pair.server.somethingReceived());
        while (!both.isDone()) {
            try {
                pair.inLoop(() -> pair.client.send("x") && pair.server.send("y"));
                both.copy().completeOnTimeout(null, 20, TimeUnit.MILLISECONDS).join();
            } catch (Exception problem) {
                throw new AssertionError(problem);
            }
        }
    }

    @Test
    void refusesACertificateThatTheDescriptionDoesNotName() throws Exception {
        Fingerprint wrong = DtlsCertificate.generate().fingerprint();
        DtlsPair pair = new DtlsPair(3, LOOP);
        var _ = pair.connect(pair.client.certificate.fingerprint(), wrong);
        String reason = await(pair.client.failed);
        assertTrue(reason.contains(pair.server.certificate.fingerprint().value()), reason);
        assertTrue(reason.contains(wrong.value()), reason);
        String told = await(pair.server.failed);
        assertTrue(told.contains("bad_certificate"), told);
        assertTrue(pair.client.connected.isCompletedExceptionally());
        assertTrue(pair.server.connected.isCompletedExceptionally());
    }

    @Test
    void aServerRefusesTheWrongClientToo() throws Exception {
        Fingerprint wrong = DtlsCertificate.generate().fingerprint();
        DtlsPair pair = new DtlsPair(4, LOOP);
        var _ = pair.connect(wrong, pair.server.certificate.fingerprint());
        String reason = await(pair.server.failed);
        assertTrue(reason.contains(pair.client.certificate.fingerprint().value()), reason);
        assertTrue(reason.contains(wrong.value()), reason);
        await(pair.client.failed);
        assertTrue(pair.server.connected.isCompletedExceptionally());
    }

    /** RFC 8122 §5: SHA-1 is no proof. */
    @Test
    void refusesADescriptionWithoutAFingerprintThatProvesAnything() throws Exception {
        DtlsPair pair = new DtlsPair(5, LOOP);
        Fingerprint sha1 = Fingerprint.of("sha-1", new byte[20]);
        var _ = pair.connect(pair.client.certificate.fingerprint(), sha1);
        String reason = await(pair.client.failed);
        assertTrue(reason.contains("no fingerprint by SHA-2"), reason);
    }

    @Test
    void keepsWhatComesBeforeItIsStarted() throws Exception {
        DtlsPair pair = new DtlsPair(6, LOOP);
        pair.inLoop(
                () -> {
                    pair.client.start(pair.server.certificate.fingerprint());
                    return 0;
                });
        CompletableFuture<Void> helloSent = new CompletableFuture<>();
        pair.tampering(
                (datagram, fromClient) -> {
                    helloSent.complete(null);
                    return List.of(datagram);
                });
        // Whatever was sent so far has arrived at a transport that knows nothing yet.
        pair.inLoop(() -> 0);
        pair.inLoop(
                () -> {
                    pair.server.start(pair.client.certificate.fingerprint());
                    return 0;
                });
        await(CompletableFuture.allOf(pair.client.connected, pair.server.connected));
        talkBothWays(pair);
    }

    /**
     * Random bytes, cut copies and whole copies of everything, from the first datagram on. (What
     * somebody makes up who knows the protocol can end a handshake, as in any DTLS: it is in the
     * clear until it is authentic.)
     */
    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4"})
    void survivesGarbageTruncatedAndReplayedRecordsAtEveryStage(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<byte[]> fromClients = new ArrayList<>();
        List<byte[]> fromServers = new ArrayList<>();
        DtlsPair pair = new DtlsPair(seed, LOOP);
        pair.tampering(
                (datagram, fromClient) -> {
                    List<byte[]> seen = fromClient ? fromClients : fromServers;
                    seen.add(datagram);
                    List<byte[]> all = new ArrayList<>();
                    all.add(garbage(random));
                    all.add(Arrays.copyOf(datagram, random.nextInt(datagram.length)));
                    all.add(datagram);
                    all.add(datagram.clone());
                    all.add(seen.get(random.nextInt(seen.size())));
                    return all;
                });
        await(pair.connect());
        talkBothWays(pair);
    }

    private static byte[] garbage(SplittableRandom random) {
        byte[] bytes = new byte[1 + random.nextInt(200)];
        random.nextBytes(bytes);
        // RFC 7983: what a demultiplexer takes for DTLS.
        bytes[0] = (byte) (20 + random.nextInt(44));
        return bytes;
    }

    @Test
    void aReplayedPacketIsDroppedOnce() throws Exception {
        DtlsPair pair = connected(7);
        talkBothWays(pair);
        byte[] last = pair.inLoop(() -> pair.client.sent.getLast());
        long refused = pair.inLoop(pair.server.transport::refusedRecords);
        pair.inLoop(
                () -> {
                    pair.server.transport.receive(last, 0, last.length);
                    return 0;
                });
        assertEquals(List.of("to the server"), pair.server.received);
        assertEquals(refused + 1, pair.inLoop(pair.server.transport::refusedRecords));
    }

    @Test
    void aPacketThatWasTamperedWithIsDropped() throws Exception {
        DtlsPair pair = connected(8);
        pair.inLoop(() -> pair.client.send("genuine"));
        byte[] genuine = pair.inLoop(() -> pair.client.sent.getLast());
        await(pair.server.somethingReceived());
        for (int i = 0; i < genuine.length; i++) {
            byte[] forged = genuine.clone();
            forged[i] ^= 1;
            pair.inLoop(
                    () -> {
                        pair.server.transport.receive(forged, 0, forged.length);
                        return 0;
                    });
        }
        assertEquals(List.of("genuine"), pair.server.received);
        assertTrue(pair.inLoop(pair.server.transport::state) == DtlsTransport.State.CONNECTED);
    }

    /** RFC 6347 §4.2.4: who sent the last flight answers the one before it, long after too. */
    @Test
    void answersARetransmittedFinishedWithTheLastFlight() throws Exception {
        DtlsPair pair = new DtlsPair(9, LOOP);
        List<byte[]> lost = new ArrayList<>();
        // The first of the server's datagrams that end the handshake never arrives.
        pair.tampering(
                (datagram, fromClient) -> {
                    boolean last = !fromClient && holds(datagram, RecordHeader.CHANGE_CIPHER_SPEC);
                    if (!last || !lost.isEmpty()) return List.of(datagram);
                    lost.add(datagram);
                    return List.of();
                });
        await(pair.connect());
        assertEquals(1, lost.size());
        talkBothWays(pair);
    }

    private static boolean holds(byte[] datagram, int type) {
        for (int at = 0; at < datagram.length; ) {
            int bytes = RecordHeader.recordBytes(datagram, at, datagram.length);
            if (bytes == 0) return false;
            if (RecordHeader.type(datagram, at) == type) return true;
            at += bytes;
        }
        return false;
    }

    @Test
    void closingTellsThePeer() throws Exception {
        DtlsPair pair = connected(10);
        pair.inLoop(
                () -> {
                    pair.client.transport.close();
                    return 0;
                });
        await(pair.server.closed);
        assertEquals(DtlsTransport.State.CLOSED, pair.inLoop(pair.server.transport::state));
        assertFalse(pair.inLoop(() -> pair.server.send("too late")));
        assertFalse(pair.client.closed.isDone(), "who closes is not told");
    }

    @Test
    void closingDuringTheHandshakeEndsItsThread() throws Exception {
        DtlsPair pair = new DtlsPair(11, LOOP).losing(1, false);
        var _ = pair.connect();
        pair.inLoop(
                () -> {
                    pair.client.transport.close();
                    pair.server.transport.close();
                    return 0;
                });
        assertEquals(DtlsTransport.State.CLOSED, pair.inLoop(pair.client.transport::state));
        assertFalse(pair.client.failed.isDone());
    }

    /** As Chromium and Firefox send it: DTLS 1.3 and post-quantum groups make it two datagrams. */
    @Test
    void takesALargeFragmentedClientHelloThatOffersDtls13First() throws Exception {
        DtlsPair pair = new DtlsPair(12, LOOP);
        byte[] hello = LargeClientHello.message();
        assertTrue(hello.length > 1300, "hello: " + hello.length);
        CompletableFuture<byte[]> answer = new CompletableFuture<>();
        pair.tampering(
                (datagram, fromClient) -> {
                    if (!fromClient) answer.complete(datagram);
                    return List.of();
                });
        pair.inLoop(
                () -> {
                    pair.server.start(pair.client.certificate.fingerprint());
                    for (byte[] fragment : LargeClientHello.fragments(hello, 1175))
                        pair.server.transport.receive(fragment, 0, fragment.length);
                    return 0;
                });
        byte[] flight = await(answer);
        assertEquals(RecordHeader.HANDSHAKE, RecordHeader.type(flight, 0));
        int serverHello = RecordHeader.BYTES;
        assertEquals(CLIENT_HELLO + 1, flight[serverHello]);
        // server_version, and the suite after random and an empty session id.
        assertEquals(0xfe, flight[serverHello + 12] & 0xff);
        assertEquals(0xfd, flight[serverHello + 13] & 0xff);
        int sessionId = flight[serverHello + 46] & 0xff;
        assertEquals(0xc0, flight[serverHello + 47 + sessionId] & 0xff);
        assertEquals(0x2b, flight[serverHello + 48 + sessionId] & 0xff);
        pair.inLoop(
                () -> {
                    pair.server.transport.close();
                    return 0;
                });
    }
}
