package dev.peerline.datachannel.dcep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.dcep.ChannelOptions.Priority;
import dev.peerline.datachannel.dcep.DataChannel.ReadyState;
import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.SctpConfig;
import dev.peerline.datachannel.sctp.State;
import dev.peerline.datachannel.sctp.tx.SendQueue;
import dev.peerline.datachannel.sim.Host;
import dev.peerline.datachannel.sim.LinkSettings;
import dev.peerline.datachannel.sim.Simulation;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

final class DataChannelsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int MAX_MESSAGE = 256 << 10;

    private final Simulation simulation = new Simulation(1);
    private final Peer a = new Peer(true);
    private final Peer b = new Peer(false);

    DataChannelsTest() {
        LinkSettings path = LinkSettings.perfect(10).withLoss(0.05);
        simulation.attach(a, b, simulation.link(path), simulation.link(path));
    }

    private static final class Peer implements Host {
        final Association association;
        final DataChannels channels;
        final List<ChannelEvent> events = new ArrayList<>();
        boolean reading = true;

        Peer(boolean client) {
            association = new Association(SctpConfig.defaults(), client ? 11 : 12);
            channels = new DataChannels(association, client, MAX_MESSAGE);
        }

        <T extends ChannelEvent> List<T> all(Class<T> type) {
            return events.stream().filter(type::isInstance).map(type::cast).toList();
        }

        @Override
        public void receive(byte[] packet, long nowNanos) {
            association.receive(packet, 0, packet.length, nowNanos);
        }

        @Override
        public void advance(long nowNanos) {
            association.advance(nowNanos);
        }

        @Override
        public long deadlineNanos() {
            return association.deadlineNanos();
        }

        @Override
        public byte @Nullable [] transmit(long nowNanos) {
            while (reading) {
                ChannelEvent event = channels.nextEvent();
                if (event == null) break;
                events.add(event);
            }
            byte[] buffer = new byte[SctpConfig.SAFE_PACKET_BYTES];
            int length = association.transmit(buffer, 0, nowNanos);
            return length == 0 ? null : Arrays.copyOf(buffer, length);
        }
    }

    private void connect() {
        a.association.connect(simulation.now());
        b.association.connect(simulation.now());
        assertTrue(
                simulation.runUntil(
                        () ->
                                a.association.state() == State.ESTABLISHED
                                        && b.association.state() == State.ESTABLISHED,
                        10 * SECOND));
    }

    private static DataChannel opened(@Nullable DataChannel channel) {
        assertNotNull(channel);
        return channel;
    }

    /** RFC 8832 §6: even streams for the DTLS client, odd ones for the server. */
    @Test
    void opensInBandWithAllItsProperties() {
        ChannelOptions options =
                ChannelOptions.reliable("Grüße")
                        .withProtocol("chat")
                        .withOrdered(false)
                        .withMaxRetransmits(3)
                        .withPriority(Priority.HIGH);
        DataChannel first = opened(a.channels.open(options));
        DataChannel second = opened(b.channels.open(ChannelOptions.reliable("x")));
        connect();
        simulation.run(2 * SECOND);
        assertEquals(0, first.id());
        assertEquals(1, second.id());
        assertEquals(ReadyState.OPEN, first.readyState());
        assertEquals(ReadyState.OPEN, second.readyState());
        DataChannel announced = b.all(ChannelEvent.Announced.class).getFirst().channel();
        assertEquals(options, announced.options());
        assertEquals(0, announced.id());
        assertFalse(announced.negotiated());
        assertEquals(1, a.all(ChannelEvent.Opened.class).size());
    }

    @Test
    void carriesTextBytesAndEmptyMessages() {
        DataChannel channel = opened(a.channels.open(ChannelOptions.reliable("all")));
        assertEquals(SendOutcome.ACCEPTED, channel.send("héllo", simulation.now()));
        assertEquals(SendOutcome.ACCEPTED, channel.send("", simulation.now()));
        assertEquals(SendOutcome.ACCEPTED, channel.send(new byte[] {1, 2}, simulation.now()));
        assertEquals(SendOutcome.ACCEPTED, channel.send(new byte[0], simulation.now()));
        connect();
        simulation.run(2 * SECOND);
        List<ChannelEvent.Received> got = b.all(ChannelEvent.Received.class);
        assertEquals(4, got.size());
        assertTrue(got.get(0).text());
        assertEquals("héllo", new String(got.get(0).data(), StandardCharsets.UTF_8));
        assertTrue(got.get(1).text());
        assertEquals(0, got.get(1).data().length);
        assertFalse(got.get(2).text());
        assertArrayEquals(new byte[] {1, 2}, got.get(2).data());
        assertFalse(got.get(3).text());
        assertEquals(0, got.get(3).data().length);
    }

    @Test
    void opensNegotiatedChannelsWithoutAWord() {
        DataChannel here = opened(a.channels.openNegotiated(7, ChannelOptions.reliable("n")));
        DataChannel there = opened(b.channels.openNegotiated(7, ChannelOptions.reliable("n")));
        assertNull(a.channels.openNegotiated(7, ChannelOptions.reliable("again")));
        connect();
        there.send("over", simulation.now());
        simulation.run(2 * SECOND);
        assertEquals(ReadyState.OPEN, here.readyState());
        assertEquals(here, a.all(ChannelEvent.Received.class).getFirst().channel());
        assertTrue(b.all(ChannelEvent.Announced.class).isEmpty());
    }

    /** RFC 8831 §6.7: what was sent before the close arrives, then both see the channel closed. */
    @Test
    void deliversWhatWasSentBeforeItCloses() {
        connect();
        DataChannel channel = opened(a.channels.open(ChannelOptions.reliable("short")));
        channel.send(new byte[200_000], simulation.now());
        channel.close();
        assertEquals(ReadyState.CLOSING, channel.readyState());
        assertEquals(SendOutcome.CLOSED, channel.send("late", simulation.now()));
        simulation.run(5 * SECOND);
        assertEquals(200_000, b.all(ChannelEvent.Received.class).getFirst().data().length);
        assertEquals(1, a.all(ChannelEvent.ChannelClosed.class).size());
        assertEquals(1, b.all(ChannelEvent.ChannelClosed.class).size());
        assertEquals(ReadyState.CLOSED, channel.readyState());
        assertNull(a.channels.channelAt(channel.id()));
        assertNull(b.channels.channelAt(channel.id()));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 50})
    void usesAStreamAgainAfterItsChannelIsClosed(int times) {
        connect();
        ChannelOptions options = ChannelOptions.reliable("again");
        for (int i = 0; i < times; i++) {
            DataChannel here = opened(a.channels.openNegotiated(9, options));
            DataChannel there = opened(b.channels.openNegotiated(9, options));
            here.send("number " + i, simulation.now());
            simulation.run(SECOND);
            if (i % 2 == 0) here.close();
            else there.close();
            assertTrue(
                    simulation.runUntil(
                            () ->
                                    here.readyState() == ReadyState.CLOSED
                                            && there.readyState() == ReadyState.CLOSED,
                            10 * SECOND));
        }
        assertEquals(times, b.all(ChannelEvent.Received.class).size());
    }

    @Test
    void closesBothWaysWhenBothCloseAtOnce() {
        connect();
        DataChannel here = opened(a.channels.openNegotiated(4, ChannelOptions.reliable("x")));
        DataChannel there = opened(b.channels.openNegotiated(4, ChannelOptions.reliable("x")));
        here.close();
        there.close();
        simulation.run(5 * SECOND);
        assertEquals(ReadyState.CLOSED, here.readyState());
        assertEquals(ReadyState.CLOSED, there.readyState());
    }

    @Test
    void aChannelClosedBeforeTheHandshakeIsClosedAfterIt() {
        DataChannel channel = opened(a.channels.open(ChannelOptions.reliable("early")));
        channel.close();
        connect();
        simulation.run(5 * SECOND);
        assertEquals(ReadyState.CLOSED, channel.readyState());
        assertEquals(1, b.all(ChannelEvent.ChannelClosed.class).size());
    }

    @Test
    void eachChannelHasABudgetOfItsOwn() {
        connect();
        DataChannel bulk = opened(a.channels.open(ChannelOptions.reliable("bulk")));
        DataChannel quiet = opened(a.channels.open(ChannelOptions.reliable("quiet")));
        bulk.budget(1 << 20);
        int taken = 0;
        while (bulk.send(new byte[64 << 10], simulation.now()) == SendOutcome.ACCEPTED) taken++;
        assertEquals(15, taken, "16 would be a byte of DCEP too many");
        assertEquals(SendOutcome.ACCEPTED, quiet.send("hi", simulation.now()));
        assertTrue(a.all(ChannelEvent.Writable.class).isEmpty());
        simulation.run(5 * SECOND);
        assertEquals(bulk, a.all(ChannelEvent.Writable.class).getFirst().channel());
        assertEquals(1, a.all(ChannelEvent.Writable.class).size());
        assertEquals(SendOutcome.ACCEPTED, bulk.send(new byte[64 << 10], simulation.now()));
    }

    @Test
    void tellsWhenTheBufferedAmountIsLow() {
        connect();
        DataChannel channel = opened(a.channels.open(ChannelOptions.reliable("low")));
        simulation.run(SECOND);
        a.events.clear();
        channel.bufferedAmountLowThreshold(100_000);
        channel.send(new byte[250_000], simulation.now());
        assertEquals(250_000, channel.bufferedAmount());
        simulation.run(5 * SECOND);
        assertEquals(1, a.all(ChannelEvent.BufferedAmountLow.class).size());
        assertEquals(0, channel.bufferedAmount());
    }

    @Test
    void refusesWhatThePeerDoesNotTake() {
        connect();
        DataChannel channel = opened(a.channels.open(ChannelOptions.reliable("big")));
        byte[] tooLong = new byte[MAX_MESSAGE + 1];
        assertEquals(SendOutcome.TOO_LONG, channel.send(tooLong, simulation.now()));
        byte[] longest = new byte[MAX_MESSAGE];
        assertEquals(SendOutcome.ACCEPTED, channel.send(longest, simulation.now()));
        simulation.run(10 * SECOND);
        assertEquals(MAX_MESSAGE, b.all(ChannelEvent.Received.class).getFirst().data().length);
    }

    @Test
    void closesAllChannelsWithTheAssociation() {
        connect();
        DataChannel channel = opened(a.channels.open(ChannelOptions.reliable("x")));
        simulation.run(SECOND);
        b.association.abort("enough");
        simulation.drain();
        simulation.run(SECOND);
        // The ABORT may be lost; then the next packet is answered by another.
        channel.send("ping", simulation.now());
        simulation.run(20 * SECOND);
        assertEquals(ReadyState.CLOSED, channel.readyState());
        assertEquals(1, a.all(ChannelEvent.Disconnected.class).size());
        assertEquals(SendOutcome.CLOSED, channel.send("late", simulation.now()));
    }

    /** RFC 8832 §6: an OPEN of the wrong parity, or a malformed one, gets no channel. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "0300000000000000000100007800", // one byte too many
                "03030000000000000000 0000", // unknown type
                "030000000000000000010000 ff", // label that is no UTF-8
                "0300", // too short
                "0400000000000000000000 00", // unknown message
                "030000000000000000000000", // well-formed, but from the wrong side
            })
    void refusesAnOpenThatIsWrong(String hex) {
        connect();
        byte[] open = java.util.HexFormat.of().parseHex(hex.replace(" ", ""));
        a.association.send(1, open, SendQueue.Options.reliable(PayloadProtocol.DCEP));
        simulation.run(2 * SECOND);
        assertTrue(b.all(ChannelEvent.Announced.class).isEmpty());
        assertNull(b.channels.channelAt(1));
        assertEquals(State.ESTABLISHED, b.association.state());
    }

    /** The bits of RFC 8832 §5.1. */
    @Test
    void encodesOpenAsTheRfcDrawsIt() {
        ChannelOptions options =
                ChannelOptions.reliable("ab")
                        .withProtocol("c")
                        .withOrdered(false)
                        .withMaxPacketLifeTime(500)
                        .withPriority(Priority.MEDIUM);
        byte[] bytes = OpenMessage.encode(options);
        assertEquals("03820200000001f400020001616263", java.util.HexFormat.of().formatHex(bytes));
        assertEquals(options, OpenMessage.decode(bytes));
    }

    @Test
    void saysWhatIsWrongWithOptions() {
        ChannelOptions options = ChannelOptions.reliable("x").withMaxRetransmits(1);
        assertThrows(IllegalArgumentException.class, () -> options.withMaxPacketLifeTime(1));
        assertThrows(
                IllegalArgumentException.class,
                () -> a.channels.open(ChannelOptions.reliable("x".repeat(65536))));
        assertThrows(
                IllegalArgumentException.class,
                () -> a.channels.openNegotiated(65535, ChannelOptions.reliable("x")));
    }
}
