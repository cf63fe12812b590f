package dev.peerline.datachannel.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.PeerConnectionState;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.dtls.DtlsRole;
import dev.peerline.datachannel.dtls.DtlsTimeouts;
import dev.peerline.datachannel.ice.IceOptions;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What every peer that speaks the W3C's API has to do with us. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class InteropTest {
    private final List<String> command;
    private final int largest;
    private final Set<Ability> abilities;
    private @Nullable ForeignPeer shared;
    private @Nullable String missing;

    private final BlockingQueue<DataChannel> announced = new LinkedBlockingQueue<>();
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private @Nullable PeerConnection ours;

    /** What a peer may be able to do. */
    enum Ability {
        /** Answers messages without content. */
        EMPTY,
        /** Makes offers that can be answered. */
        OFFER,
        /** Offers audio, too. */
        AUDIO,
        RESTART,
        /** Lets the other side choose who begins DTLS, and goes by the outcome. */
        BOTH_ROLES
    }

    /**
     * @param largest message that it answers, bytes
     */
    InteropTest(List<String> command, int largest, Set<Ability> abilities) {
        this.command = command;
        this.largest = largest;
        this.abilities = abilities;
    }

    @BeforeEach
    void startsThePeerOnce() throws Exception {
        if (shared == null && missing == null) start();
        Assumptions.assumeTrue(shared != null, "" + missing);
        peer().forget();
        peer().tell("new");
        announced.clear();
        messages.clear();
    }

    private void start() throws Exception {
        Object started =
                hasNetwork()
                        ? ForeignPeer.start(command)
                        : "no address but loopback, which browsers do not offer";
        if (started instanceof ForeignPeer peer) {
            shared = peer;
            return;
        }
        missing = String.valueOf(started);
        System.out.println("skipped: " + getClass().getSimpleName() + ": " + missing);
    }

    private static boolean hasNetwork() throws SocketException {
        return NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .anyMatch(one -> !one.isLoopbackAddress() && !one.isLinkLocalAddress());
    }

    @AfterEach
    void closesOurs() {
        if (ours != null) ours.close();
        if (shared != null) shared.tell("close");
    }

    @AfterAll
    void endsThePeer() {
        if (shared != null) shared.close();
    }

    private boolean can(Ability ability) {
        return abilities.contains(ability);
    }

    private ForeignPeer peer() {
        return Objects.requireNonNull(shared);
    }

    private PeerConnection connection(DtlsRole answerRole) {
        return connection(
                PeerConnectionOptions.defaults().withDtls(DtlsTimeouts.defaults(), answerRole));
    }

    private PeerConnection connection(PeerConnectionOptions options) {
        PeerConnection connection = new PeerConnection(options);
        ours = connection;
        connection.onIceCandidate(candidate -> peer().tell(candidate));
        connection.onDataChannel(announced::add);
        peer().onCandidate(candidate -> take(connection, candidate));
        return connection;
    }

    private static void take(PeerConnection connection, IceCandidateInit candidate) {
        var _ = connection.addIceCandidate(candidate);
    }

    static <T extends @Nullable Object> T get(CompletableFuture<T> future) throws Exception {
        return future.get(ForeignPeer.SECONDS, TimeUnit.SECONDS);
    }

    /** The peer offers, and we answer. */
    private void answer(PeerConnection connection) throws Exception {
        Assumptions.assumeTrue(can(Ability.OFFER), "its offers cannot be answered");
        peer().tell("offer");
        get(connection.setRemoteDescription(peer().description()));
        SessionDescription answer = get(connection.createAnswer());
        // First the description, then the candidates that it brings about.
        peer().tell(answer);
        get(connection.setLocalDescription(answer));
    }

    private void offer(PeerConnection connection, String setup) throws Exception {
        SessionDescription offer = get(connection.createOffer());
        peer().tell(
                        SessionDescription.offer(
                                offer.sdp().replace("a=setup:actpass", "a=setup:" + setup)));
        get(connection.setLocalDescription(offer));
        get(connection.setRemoteDescription(peer().description()));
    }

    private DataChannel next() throws InterruptedException {
        DataChannel channel = announced.poll(ForeignPeer.SECONDS, TimeUnit.SECONDS);
        assertNotNull(channel, "no channel was announced");
        channel.onMessage(messages::add);
        return channel;
    }

    private Message message() throws InterruptedException {
        Message message = messages.poll(ForeignPeer.SECONDS, TimeUnit.SECONDS);
        assertNotNull(message, "no message came");
        return message;
    }

    /** Audio besides, which is rejected. */
    @ParameterizedTest
    @EnumSource(DtlsRole.class)
    void answersItsOfferInBothRoles(DtlsRole role) throws Exception {
        Assumptions.assumeTrue(can(Ability.BOTH_ROLES) || role == DtlsRole.CLIENT);
        PeerConnection connection = connection(role);
        if (can(Ability.AUDIO)) peer().tell("audio");
        peer().tell("create", "label", "theirs");
        answer(connection);
        echoes(next());
        assertEquals(PeerConnectionState.CONNECTED, connection.connectionState());
        // ECDHE and ECDSA with AES-GCM, of 128 bits or, if it prefers them, 256.
        int suite = get(connection.stats()).dtlsCipherSuite();
        assertTrue(suite == 0xc02b || suite == 0xc02c, Integer.toHexString(suite));
    }

    @ParameterizedTest
    @ValueSource(strings = {"actpass", "active"})
    void itAnswersOurOfferInBothRoles(String setup) throws Exception {
        Assumptions.assumeTrue(can(Ability.BOTH_ROLES) || setup.equals("actpass"));
        PeerConnection connection = connection(DtlsRole.CLIENT);
        DataChannel channel = connection.createDataChannel("ours").onMessage(messages::add);
        offer(connection, setup);
        assertEquals("ours", peer().await("open").get("label").getAsString());
        echoes(channel);
        assertEquals(setup.equals("active") ? 0 : 1, channel.id() % 2);
    }

    /** It repeats whatever it is sent. */
    private void echoes(DataChannel channel) throws Exception {
        awaitOpen(channel);
        SplittableRandom random = new SplittableRandom(7);
        for (int size : new int[] {0, 1, 1200, 16 << 10, 64 << 10, 256 << 10}) {
            if (size > largest || (size == 0 && !can(Ability.EMPTY))) continue;
            byte[] data = new byte[size];
            random.nextBytes(data);
            get(channel.send(data));
            Message echo = message();
            assertEquals(false, echo.isText());
            assertArrayEquals(data, echo.data());
        }
        for (String text : List.of("", "x", "Grüße, 世界 🎉", "long ".repeat(5_000))) {
            if (text.isEmpty() && !can(Ability.EMPTY)) continue;
            get(channel.send(text));
            Message echo = message();
            assertEquals(true, echo.isText());
            assertEquals(text, echo.text());
        }
    }

    private static void awaitOpen(DataChannel channel) throws Exception {
        CompletableFuture<Void> open = new CompletableFuture<>();
        channel.onOpen(() -> open.complete(null));
        get(open);
    }

    @Test
    void manyChannelsOfEveryKindBothWays() throws Exception {
        PeerConnection connection = connection(DtlsRole.CLIENT);
        JsonObject unordered = new JsonObject();
        unordered.addProperty("ordered", false);
        unordered.addProperty("maxRetransmits", 3);
        unordered.addProperty("protocol", "theirs");
        for (int i = 0; i < 50; i++) peer().tell("create", "label", "t" + i, "init", unordered);
        answer(connection);
        DataChannelOptions timed =
                DataChannelOptions.defaults().withMaxPacketLifeTime(5_000).withProtocol("ours");
        for (int i = 0; i < 50; i++) {
            DataChannel theirs = next();
            assertEquals(false, theirs.ordered());
            assertEquals(3, theirs.maxRetransmits());
            assertEquals("theirs", theirs.protocol());
            DataChannel mine =
                    connection.createDataChannel("m" + i, timed).onMessage(messages::add);
            mine.onOpen(() -> send(mine, "over mine"));
            get(theirs.send("over theirs"));
        }
        int overMine = 0;
        for (int i = 0; i < 100; i++) if (message().text().equals("over mine")) overMine++;
        assertEquals(50, overMine);
        int told = 0;
        while (told < 50) {
            JsonObject open = peer().await("open");
            if (!open.get("label").getAsString().startsWith("m")) continue;
            if (open.has("maxPacketLifeTime"))
                assertEquals(5_000, open.get("maxPacketLifeTime").getAsInt());
            assertEquals("ours", open.get("protocol").getAsString());
            told++;
        }
    }

    private static void send(DataChannel channel, String text) {
        var _ = channel.send(text);
    }

    @Test
    void channelsCloseFromEitherSideAndThenTheConnection() throws Exception {
        PeerConnection connection = connection(DtlsRole.CLIENT);
        peer().tell("create", "label", "one");
        peer().tell("create", "label", "two");
        answer(connection);
        DataChannel first = next();
        DataChannel second = next();
        get(first.send("both are open"));
        assertEquals("both are open", message().text());
        CompletableFuture<Void> firstClosed = new CompletableFuture<>();
        first.onClose(() -> firstClosed.complete(null));
        first.close();
        assertEquals(first.label(), peer().await("closed").get("label").getAsString());
        get(firstClosed);
        CompletableFuture<Void> secondClosed = new CompletableFuture<>();
        second.onClose(() -> secondClosed.complete(null));
        peer().tell("shut", "label", second.label());
        get(secondClosed);
        CompletableFuture<Void> over = new CompletableFuture<>();
        connection.onConnectionStateChange(
                state -> {
                    if (state == PeerConnectionState.CLOSED) over.complete(null);
                });
        peer().tell("close");
        get(over);
        assertEquals("closed by the peer", connection.failureReason());
    }

    @Test
    void isMissedWhenItVanishes() throws Exception {
        IceOptions soon =
                IceOptions.defaults()
                        .withConsent(
                                Duration.ofMillis(200),
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(3));
        PeerConnection connection = connection(PeerConnectionOptions.defaults().withIce(soon));
        List<PeerConnectionState> states = new CopyOnWriteArrayList<>();
        CompletableFuture<Void> failed = new CompletableFuture<>();
        DataChannel channel = connection.createDataChannel("x").onMessage(messages::add);
        offer(connection, "actpass");
        awaitOpen(channel);
        get(channel.send("there"));
        assertEquals("there", message().text());
        connection.onConnectionStateChange(
                state -> {
                    states.add(state);
                    if (state == PeerConnectionState.FAILED) failed.complete(null);
                });
        peer().kill();
        shared = null; // the next test starts another
        get(failed);
        assertEquals(List.of(PeerConnectionState.DISCONNECTED, PeerConnectionState.FAILED), states);
        assertEquals("no path to the peer works (ICE)", connection.failureReason());
    }

    @Test
    void restartsOnTheWishOfEither() throws Exception {
        Assumptions.assumeTrue(can(Ability.RESTART), "it knows no restart");
        PeerConnection connection = connection(DtlsRole.CLIENT);
        peer().tell("create", "label", "x");
        answer(connection);
        DataChannel channel = next();
        get(channel.send("before"));
        assertEquals("before", message().text());
        peer().tell("restart");
        answer(connection);
        get(channel.send("after theirs"));
        assertEquals("after theirs", message().text());
        connection.restartIce();
        offer(connection, "actpass");
        get(channel.send("after ours"));
        assertEquals("after ours", message().text());
    }
}
