package dev.peerline.datachannel;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A channel to the peer (the W3C's RTCDataChannel). Thread-safe; no method waits. A listener that
 * is set late is told that the channel has opened or closed, and gets the messages of before, up to
 * {@link PeerConnectionOptions#maxBacklogBytes}.
 */
public final class DataChannel {
    private static final CompletableFuture<@Nullable Void> DONE =
            CompletableFuture.completedFuture(null);

    private final ChannelHost host;
    private final String label;
    private final DataChannelOptions options;
    private final ChannelStream stream;
    private final AtomicLong acceptedBytes = new AtomicLong();
    private volatile long departedBytes;
    private volatile long lowThreshold;
    private volatile int id;
    private volatile DataChannelState state = DataChannelState.CONNECTING;
    private final Occurrence open = new Occurrence();
    private final Occurrence closing = new Occurrence();
    private final Occurrence close = new Occurrence();
    private final MessageTray messages;
    private volatile Runnable onBufferedAmountLow = () -> {};

    DataChannel(ChannelHost host, String label, DataChannelOptions options) {
        this.host = host;
        this.label = label;
        this.options = options;
        id = options.id();
        stream = new ChannelStream(host, this);
        messages = new MessageTray(host.options().maxBacklogBytes());
    }

    public String label() {
        return label;
    }

    public String protocol() {
        return options.protocol();
    }

    public boolean ordered() {
        return options.ordered();
    }

    /** Milliseconds, or {@link DataChannelOptions#UNLIMITED}. */
    public int maxPacketLifeTime() {
        return options.maxPacketLifeTime();
    }

    /** Or {@link DataChannelOptions#UNLIMITED}. */
    public int maxRetransmits() {
        return options.maxRetransmits();
    }

    public boolean negotiated() {
        return options.negotiated();
    }

    /** The stream; {@link DataChannelOptions#CHOSEN} until the connection has chosen it. */
    public int id() {
        return id;
    }

    public DataChannelState readyState() {
        return state;
    }

    /** Bytes that were given to {@code send}, and have not left. */
    public long bufferedAmount() {
        return Math.max(0, acceptedBytes.get() - departedBytes);
    }

    public long bufferedAmountLowThreshold() {
        return lowThreshold;
    }

    /**
     * {@link #onBufferedAmountLow} is called when the amount falls to this or below; 0 at first.
     */
    public void bufferedAmountLowThreshold(long bytes) {
        if (bytes < 0) throw new IllegalArgumentException("bytes must not be negative: " + bytes);
        lowThreshold = bytes;
    }

    public DataChannel onOpen(Runnable listener) {
        host.dispatcher().dispatch(() -> open.listener(listener));
        return this;
    }

    /** The peer, or {@link #close}, has begun to close the channel. */
    public DataChannel onClosing(Runnable listener) {
        host.dispatcher().dispatch(() -> closing.listener(listener));
        return this;
    }

    /** Nothing more comes. */
    public DataChannel onClose(Runnable listener) {
        host.dispatcher().dispatch(() -> close.listener(listener));
        return this;
    }

    public DataChannel onMessage(Consumer<Message> listener) {
        host.dispatcher().dispatch(() -> messages.listener(listener));
        return this;
    }

    public DataChannel onBufferedAmountLow(Runnable listener) {
        onBufferedAmountLow = listener;
        return this;
    }

    /**
     * Sends a string; see {@link #send(byte[])}.
     *
     * @param text may be empty
     */
    public CompletableFuture<@Nullable Void> send(String text) {
        return submit(true, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends bytes, which must not change any more.
     *
     * <p>The future completes when there is room for more: at once while less than {@link
     * PeerConnectionOptions#sendAheadBytes} wait. Who waits for it is as fast as the path, and no
     * faster. It says nothing about the arrival. It fails with {@link IllegalStateException} when
     * the channel is not open or closes, or {@link PeerConnectionOptions#maxBufferedBytes} wait,
     * and with {@link IllegalArgumentException} when the message is longer than the peer takes.
     *
     * @param data may be empty
     */
    public CompletableFuture<@Nullable Void> send(byte[] data) {
        return submit(false, data);
    }

    private CompletableFuture<@Nullable Void> submit(boolean text, byte[] data) {
        if (state != DataChannelState.OPEN)
            return CompletableFuture.failedFuture(
                    new IllegalStateException("channel " + label + " is " + state));
        if (data.length > host.maxMessageBytes())
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException(
                            "data must have at most "
                                    + host.maxMessageBytes()
                                    + " bytes, which is what the peer takes: "
                                    + data.length));
        long end = accept(data.length);
        if (end < 0)
            return CompletableFuture.failedFuture(
                    new IllegalStateException(
                            "channel " + label + " has " + bufferedAmount() + " bytes waiting"));
        boolean room = end - departedBytes <= host.options().sendAheadBytes();
        CompletableFuture<@Nullable Void> done = room ? DONE : new CompletableFuture<>();
        host.execute(() -> stream.enqueue(new ChannelStream.Outgoing(text, data, end, done)));
        return done;
    }

    /** Where the message ends in the sum of all; -1 when too much waits. */
    private long accept(int bytes) {
        while (true) {
            long before = acceptedBytes.get();
            long end = before + bytes;
            boolean alone = before <= departedBytes;
            if (!alone && end - departedBytes > host.options().maxBufferedBytes()) return -1;
            if (acceptedBytes.compareAndSet(before, end)) return end;
        }
    }

    /** Lets what was sent leave, then closes the channel at both ends. */
    public void close() {
        host.execute(stream::close);
    }

    @Override
    public String toString() {
        return "DataChannel " + label + " " + state;
    }

    // --- for the connection, in its loop ----------------------------------------------------

    ChannelStream stream() {
        return stream;
    }

    DataChannelOptions options() {
        return options;
    }

    void bound(int streamId) {
        id = streamId;
    }

    void open(int streamId) {
        id = streamId;
        if (state == DataChannelState.CONNECTING) state = DataChannelState.OPEN;
    }

    void tellOpen() {
        host.dispatcher().dispatch(open::happen);
    }

    void closing() {
        if (state == DataChannelState.CLOSED || state == DataChannelState.CLOSING) return;
        state = DataChannelState.CLOSING;
        host.dispatcher().dispatch(closing::happen);
    }

    void closed() {
        if (state == DataChannelState.CLOSED) return;
        state = DataChannelState.CLOSED;
        host.dispatcher().dispatch(close::happen);
    }

    void received(Message message) {
        host.dispatcher()
                .dispatch(message.data().length, () -> messages.put(message), host::messageTaken);
    }

    /** What has left since the beginning. */
    void departed(long bytes) {
        long before = bufferedAmount();
        departedBytes = bytes;
        long threshold = lowThreshold;
        if (before > threshold && bufferedAmount() <= threshold)
            host.dispatcher().dispatch(() -> onBufferedAmountLow.run());
    }
}
