package dev.peerline.server;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IcePortOptions;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** A data channel to the server: what comes is kept in the order it came. */
final class ChannelClient implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** The server said this before it closed the channel; 1006 where it said nothing. */
    record Closed(int code) {}

    private final PeerConnection connection =
            new PeerConnection(PeerConnectionOptions.defaults(), IcePortOptions.loopbackOnly());
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final CountDownLatch opened = new CountDownLatch(1);
    private final DataChannel channel;
    private volatile int code = 1006;

    ChannelClient() {
        channel =
                connection
                        .createDataChannel(
                                "peerline",
                                DataChannelOptions.defaults()
                                        .withNegotiatedId(0)
                                        .withProtocol("peerline.1"))
                        .onOpen(opened::countDown)
                        .onMessage(this::received)
                        .onClose(() -> events.add(new Closed(code)));
    }

    /** Opens one for whoever says this hello, which is not said yet. */
    static ChannelClient open(int port, Hello hello) throws Exception {
        ChannelClient client = new ChannelClient();
        HttpResponse<String> answer = offer(port, hello, client.offer());
        if (answer.statusCode() != 200) throw new AssertionError(answer + answer.body());
        client.answered(answer.body());
        client.awaitOpen();
        return client;
    }

    String offer() {
        connection.setLocalDescription().join();
        SessionDescription local = connection.localDescription();
        if (local == null) throw new AssertionError("set just now");
        return local.sdp();
    }

    void answered(String sdp) {
        connection.setRemoteDescription(SessionDescription.answer(sdp)).join();
    }

    void awaitOpen() throws InterruptedException {
        if (!opened.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
            throw new AssertionError("no channel: " + connection.failureReason());
    }

    static HttpResponse<String> offer(int port, Hello hello, String sdp)
            throws IOException, InterruptedException {
        return offer(port, hello, sdp, request -> request);
    }

    static HttpResponse<String> offer(
            int port, Hello hello, String sdp, UnaryOperator<HttpRequest.Builder> more)
            throws IOException, InterruptedException {
        String proof =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(LinkClient.packet(hello).toArray());
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/link"))
                        .header("Content-Type", "application/sdp")
                        .header("Peerline-Hello", proof)
                        .POST(BodyPublishers.ofString(sdp));
        return HTTP.send(more.apply(request).build(), BodyHandlers.ofString());
    }

    private void received(Message message) {
        if (message.isText()) {
            code = Integer.parseInt(message.text());
        } else if (DownFrame.readAll(Bytes.of(message.data()))
                instanceof Parsed.Good(List<DownFrame> frames)) {
            events.addAll(frames);
        } else {
            throw new AssertionError("no packet");
        }
    }

    void send(UpFrame... frames) {
        WireWriter packet = new WireWriter();
        for (UpFrame frame : frames) packet.frame(frame);
        send(packet.take().toArray());
    }

    void send(byte[] packet) {
        channel.send(packet).join();
    }

    void sendText(String text) {
        channel.send(text).join();
    }

    /** The next frame of this kind, or {@link Closed}; others are passed over. */
    <T> T next(Class<T> type) throws InterruptedException {
        for (Object event = poll(); ; event = poll()) {
            if (type.isInstance(event)) return type.cast(event);
            if (event instanceof Closed closed) throw new AssertionError(closed);
        }
    }

    private Object poll() throws InterruptedException {
        Object event = events.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (event == null) throw new AssertionError("nothing came");
        return event;
    }

    /** Ends it without a word on the channel. */
    @Override
    public void close() {
        connection.close();
    }
}
