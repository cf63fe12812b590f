package dev.peerline.datachannel.dcep;

import dev.peerline.datachannel.sctp.Association;
import dev.peerline.datachannel.sctp.SendResult;
import dev.peerline.datachannel.sctp.tx.SendQueue;

import java.nio.charset.StandardCharsets;

/**
 * One data channel (RFC 8831), in the W3C's terms. It has a budget of its own: what other channels
 * have queued neither fills nor empties it.
 *
 * <p>Not thread-safe.
 */
public final class DataChannel {
    /** The W3C's states. */
    public enum ReadyState {
        CONNECTING,
        OPEN,
        CLOSING,
        CLOSED
    }

    /** What a channel may have queued, unless it is told otherwise. */
    public static final long DEFAULT_BUDGET_BYTES = 4 << 20;

    private final Association association;
    private final DataChannels channels;
    private final ChannelOptions options;
    private final int id;
    private final boolean negotiated;
    private ReadyState readyState = ReadyState.CONNECTING;

    /** RFC 8832 §6: until the peer has answered DATA_CHANNEL_OPEN, messages go in order. */
    private boolean acknowledged;

    private long budgetBytes = DEFAULT_BUDGET_BYTES;
    private long lowThresholdBytes;
    private boolean wantsBudget;

    boolean outgoingReset;
    boolean incomingReset;

    DataChannel(DataChannels channels, int id, ChannelOptions options, boolean negotiated) {
        this.channels = channels;
        this.association = channels.association();
        this.id = id;
        this.options = options;
        this.negotiated = negotiated;
    }

    /** The stream identifier, both ways. */
    public int id() {
        return id;
    }

    public ChannelOptions options() {
        return options;
    }

    public boolean negotiated() {
        return negotiated;
    }

    public ReadyState readyState() {
        return readyState;
    }

    /** Bytes that were accepted and never sent. */
    public long bufferedAmount() {
        return association.bufferedAmount(id);
    }

    public long bufferedAmountLowThreshold() {
        return lowThresholdBytes;
    }

    /** {@link ChannelEvent.BufferedAmountLow} comes when the amount falls to this; 0 at first. */
    public void bufferedAmountLowThreshold(long bytes) {
        lowThresholdBytes = bytes;
        updateThreshold();
    }

    /** What may be queued; one message is always taken by an empty queue. */
    public void budget(long bytes) {
        budgetBytes = bytes;
        updateThreshold();
    }

    /** Sends text. */
    public SendOutcome send(String text, long nowNanos) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return send(true, utf8, nowNanos);
    }

    /** Sends text that is UTF-8 already; the bytes must not change any more. */
    public SendOutcome sendText(byte[] utf8, long nowNanos) {
        return send(true, utf8, nowNanos);
    }

    /** Sends bytes, which must not change any more. */
    public SendOutcome send(byte[] data, long nowNanos) {
        return send(false, data, nowNanos);
    }

    private SendOutcome send(boolean text, byte[] data, long nowNanos) {
        if (readyState == ReadyState.CLOSING || readyState == ReadyState.CLOSED)
            return SendOutcome.CLOSED;
        if (data.length > channels.maxMessageBytes()) return SendOutcome.TOO_LONG;
        long buffered = bufferedAmount();
        if (buffered > 0 && buffered + data.length > budgetBytes) return noBudget();
        // RFC 8831 §6.6: SCTP has no empty messages; one zero byte and a PPID stand for one.
        boolean empty = data.length == 0;
        int protocol = PayloadProtocol.of(text, empty);
        byte[] payload = empty ? new byte[1] : data;
        boolean unordered = !options.ordered() && acknowledged;
        SendResult result =
                association.send(
                        id,
                        payload,
                        new SendQueue.Options(
                                protocol, unordered, expires(nowNanos), retransmissions()));
        return switch (result) {
            case QUEUED -> SendOutcome.ACCEPTED;
            case QUEUE_FULL -> noBudget();
            case NO_SUCH_STREAM, CLOSED -> SendOutcome.CLOSED;
        };
    }

    private SendOutcome noBudget() {
        wantsBudget = true;
        updateThreshold();
        return SendOutcome.NO_BUDGET;
    }

    private long expires(long nowNanos) {
        int millis = options.maxPacketLifeTimeMillis();
        return millis == ChannelOptions.UNLIMITED ? Long.MAX_VALUE : nowNanos + millis * 1_000_000L;
    }

    private int retransmissions() {
        int times = options.maxRetransmits();
        return times == ChannelOptions.UNLIMITED ? SendQueue.Options.UNLIMITED : times;
    }

    /** Lets what is queued leave, then closes both ways (RFC 8831 §6.7). */
    public void close() {
        channels.close(this);
    }

    /** The association tells one threshold a stream: the higher of the two that are wanted. */
    private void updateThreshold() {
        long wanted =
                wantsBudget ? Math.max(lowThresholdBytes, budgetBytes / 2) : lowThresholdBytes;
        association.bufferedAmountLowThreshold(id, wanted);
    }

    /** The queue has fallen to the threshold. */
    void onLow() {
        if (wantsBudget) {
            wantsBudget = false;
            updateThreshold();
            channels.tell(new ChannelEvent.Writable(this));
        }
        if (bufferedAmount() <= lowThresholdBytes)
            channels.tell(new ChannelEvent.BufferedAmountLow(this));
    }

    void acknowledged() {
        acknowledged = true;
    }

    void readyState(ReadyState next) {
        readyState = next;
    }
}
