package dev.peerline.sdk.carrier;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.PeerConnectionState;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IceOptions;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * A data channel to the server as a carrier: one offer by POST, one answer, and then binary
 * messages are packets. docs/protocol.md, section 6. The server learns where this peer is from its
 * checks: nothing is gathered, and nothing trickles.
 */
public final class DataChannelCarrier implements Carrier {
    private static final String LABEL = "peerline";
    private static final String PROTOCOL = "peerline.1";
    private static final int TAKEN_OVER = 4000;

    /** What it may hold before the session keeps the rest. */
    private static final int MAX_BUFFERED_BYTES = 1 << 20;

    /**
     * Where it runs.
     *
     * @param loop where events are told
     * @param waiting for what may take a while: keys, sockets
     */
    public record Threads(Executor loop, Executor waiting) {}

    private final Requests requests;
    private final Threads threads;
    private final Events events;
    private @Nullable PeerConnection connection;
    private @Nullable DataChannel channel;

    /** Why, as a WebSocket would say it. */
    private int code = Failures.ABNORMAL;

    private boolean ended;

    private DataChannelCarrier(Requests requests, Threads threads, Events events) {
        this.requests = requests;
        this.threads = threads;
        this.events = events;
    }

    /**
     * Connects.
     *
     * @param link where it is offered
     * @param loopback whether the server is on this machine
     */
    public static Carrier open(
            HttpClient client, URI link, Threads threads, boolean loopback, Events events) {
        DataChannelCarrier carrier =
                new DataChannelCarrier(new Requests(client, link), threads, events);
        threads.waiting.execute(() -> carrier.connect(loopback));
        return carrier;
    }

    /** Makes a key and binds a socket, which may wait. */
    private void connect(boolean loopback) {
        PeerConnectionOptions options =
                PeerConnectionOptions.defaults()
                        .withIce(IceOptions.defaults().withResolveMdns(false))
                        .withCallbacks(threads.loop);
        try {
            PeerConnection made =
                    new PeerConnection(options, IcePortOptions.defaults().withLoopback(loopback));
            threads.loop.execute(() -> connected(made));
        } catch (RuntimeException problem) {
            threads.loop.execute(() -> end(CarrierEnd.LOST, Failures.reason(problem)));
        }
    }

    private void connected(PeerConnection made) {
        if (ended) {
            made.close();
            return;
        }
        connection = made;
        channel =
                made.createDataChannel(
                                LABEL,
                                DataChannelOptions.defaults()
                                        .withNegotiatedId(0)
                                        .withProtocol(PROTOCOL))
                        .onOpen(this::opened)
                        .onMessage(this::received)
                        .onClose(() -> end(CarrierEnd.LOST, "the channel closed"))
                        .onBufferedAmountLow(this::drained);
        channel.bufferedAmountLowThreshold(MAX_BUFFERED_BYTES / 2);
        var _ =
                made.onConnectionStateChange(this::changed)
                        .setLocalDescription()
                        .whenComplete((_, problem) -> threads.loop.execute(() -> offer(problem)));
    }

    private void offer(@Nullable Throwable problem) {
        PeerConnection on = connection;
        SessionDescription local = on == null ? null : on.localDescription();
        if (ended) return;
        if (local == null) {
            end(CarrierEnd.LOST, Failures.reason(problem));
            return;
        }
        var _ =
                requests.client()
                        .sendAsync(requests.offer(events.proof(), local.sdp()), Requests.body())
                        .whenComplete(
                                (answer, trouble) ->
                                        threads.loop.execute(() -> answered(answer, trouble)));
    }

    private void answered(@Nullable HttpResponse<byte[]> answer, @Nullable Throwable problem) {
        PeerConnection on = connection;
        if (ended || on == null) return;
        if (answer == null) {
            end(Failures.end(problem), Failures.reason(problem));
        } else if (Requests.isSdp(answer)) {
            String sdp = new String(answer.body(), StandardCharsets.UTF_8);
            var _ =
                    on.setRemoteDescription(SessionDescription.answer(sdp))
                            .exceptionally(
                                    refused -> {
                                        threads.loop.execute(
                                                () ->
                                                        end(
                                                                CarrierEnd.LOST,
                                                                Failures.reason(refused)));
                                        return null;
                                    });
        } else {
            if (Requests.isPacket(answer)) events.refused(Bytes.of(answer.body()));
            end(CarrierEnd.LOST, "HTTP status " + answer.statusCode());
        }
    }

    private void opened() {
        if (ended) return;
        send(events.greeting());
        events.opened();
    }

    private void received(Message message) {
        if (ended) return;
        if (message.isText()) code = code(message.text());
        else events.packet(Bytes.of(message.data()));
    }

    private static int code(String text) {
        return text.matches("[1-4]\\d{3}") ? Integer.parseInt(text) : Failures.ABNORMAL;
    }

    private void changed(PeerConnectionState state) {
        if (ended) return;
        switch (state) {
            case FAILED, CLOSED -> end(CarrierEnd.LOST, reason());
            case DISCONNECTED -> events.doubted();
            default -> {
                // on its way, or there
            }
        }
    }

    private String reason() {
        return connection == null ? "" : connection.failureReason();
    }

    private void drained() {
        if (!ended) events.changed();
    }

    @Override
    public ClientSession.Way way() {
        return ClientSession.Way.SOCKET;
    }

    @Override
    public boolean ready() {
        return bufferedBytes() <= MAX_BUFFERED_BYTES;
    }

    @Override
    public long bufferedBytes() {
        return channel == null ? 0 : channel.bufferedAmount();
    }

    @Override
    public void send(Bytes packet) {
        if (ended || channel == null) return;
        var _ =
                channel.send(packet.toArray())
                        .exceptionally(
                                problem -> {
                                    threads.loop.execute(
                                            () -> end(CarrierEnd.LOST, Failures.reason(problem)));
                                    return null;
                                });
    }

    @Override
    public void close() {
        if (ended) return;
        ended = true;
        DataChannel open = channel;
        PeerConnection on = connection;
        if (on == null) return;
        if (open == null || bufferedBytes() == 0) {
            on.close();
            return;
        }
        // What was sent goes first; a path that is gone ends with its consent.
        open.onClose(on::close);
        open.close();
    }

    private void end(CarrierEnd how, String why) {
        if (ended) return;
        ended = true;
        if (connection != null) connection.close();
        events.closed(code == TAKEN_OVER ? CarrierEnd.OVERTAKEN : how, code, why);
    }
}
