package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.rx.ReceivedMessage;
import dev.peerline.datachannel.sctp.tx.SendQueue;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * One end of an SCTP association (RFC 9260), for one path that DTLS protects: bytes and the time go
 * in, bytes, events and a deadline come out.
 *
 * <p>The contract of its driver: after every call that changes something ({@link #receive}, {@link
 * #advance}, {@link #send}, …) call {@link #transmit} until it returns 0, take the events, and call
 * {@link #advance} no later than {@link #deadlineNanos}. Time is any monotonic nanosecond count.
 * Taking no events holds the peer back, as what it sent stays in the receive window.
 *
 * <p>Not thread-safe.
 */
public final class Association {
    private final SctpConfig config;
    private final AssociationCore core;
    private final PacketInput input;
    private final PacketOutput output;

    /**
     * An association that is closed.
     *
     * @param entropy 64 unpredictable bits, from which tags and the initial TSN are made
     */
    public Association(SctpConfig config, long entropy) {
        this.config = config;
        core = new AssociationCore(config, new Seed(entropy));
        input = new PacketInput(config, core);
        output = new PacketOutput(config, core);
    }

    /**
     * Begins the handshake; the peer may do so at the same time, or not at all. An association that
     * has ended stays so.
     */
    public void connect(long nowNanos) {
        if (core.state() == State.CLOSED && !core.hasEnded()) core.connect(nowNanos);
    }

    /**
     * Our INIT chunk, for a description: always the same one of an association, and of another that
     * has the same entropy.
     */
    public SctpInit localInit() {
        return SctpInit.of(core.handshake().init());
    }

    /**
     * Begins without a handshake: the peer has read our {@link #localInit} and does the same
     * (draft-hancke-tsvwg-snap).
     */
    public void connect(SctpInit peers, long nowNanos) {
        if (core.state() == State.CLOSED && !core.hasEnded())
            core.establish(core.handshake().agreed(peers.chunk()), nowNanos);
    }

    /** A packet from the peer, whatever it may be. */
    public void receive(byte[] packet, int offset, int length, long nowNanos) {
        input.receive(packet, offset, length, nowNanos);
    }

    /** Lets expired timers act. */
    public void advance(long nowNanos) {
        core.advance(nowNanos);
    }

    /** When {@link #advance} must be called at the latest; {@link Long#MAX_VALUE} for never. */
    public long deadlineNanos() {
        return core.deadlineNanos();
    }

    /**
     * Writes the next packet to send.
     *
     * @param out with room for {@link SctpConfig#maxPacketBytes} at {@code offset}
     * @return its length, or 0 when there is nothing to send now
     */
    public int transmit(byte[] out, int offset, long nowNanos) {
        if (out.length - offset < config.maxPacketBytes())
            throw new IllegalArgumentException(
                    "out must have room for maxPacketBytes: " + (out.length - offset));
        return output.transmit(out, offset, nowNanos);
    }

    /** What happened next, or null. A message leaves the receive window when it is taken here. */
    public @Nullable AssociationEvent nextEvent() {
        Object next = core.pollEvent();
        return switch (next) {
            case null -> null;
            case ReceivedMessage message -> {
                core.onTaken(message);
                yield new AssociationEvent.Message(
                        message.streamId(),
                        message.payloadProtocol(),
                        message.unordered(),
                        message.data());
            }
            case AssociationEvent event -> event;
            default -> throw new AssertionError(next);
        };
    }

    /**
     * Queues a message; before the handshake too.
     *
     * @param data 1 byte or more, which must not change any more
     */
    public SendResult send(int streamId, byte[] data, SendQueue.Options options) {
        if (data.length == 0)
            throw new IllegalArgumentException("SCTP has no empty messages: length 0");
        return core.send(streamId, data, options);
    }

    /** Bytes of a stream that were never sent. */
    public long bufferedAmount(int streamId) {
        return core.queue().queuedBytes(streamId);
    }

    /**
     * Whether, since the last call, all that a stream had was put into packets while others have
     * more: a quiet channel beside a bulk one, whose owner may wait for the answer. What was {@link
     * #transmit written} should leave now.
     */
    public boolean takeQuietSent() {
        return core.queue().takeQuietSent();
    }

    /** {@link AssociationEvent.BufferedAmountLow} tells when the amount falls to this. */
    public void bufferedAmountLowThreshold(int streamId, long bytes) {
        core.queue().lowThreshold(streamId, bytes);
    }

    /** The share of a stream beside the others: 1 to 65535, 256 by default. */
    public void weight(int streamId, int weight) {
        if (weight < 1 || weight > 65535)
            throw new IllegalArgumentException("weight must be 1 to 65535: " + weight);
        core.queue().weight(streamId, weight);
    }

    /**
     * Begins streams of ours anew, once what is queued on them was sent (RFC 6525). False when the
     * peer cannot, or the association is not up.
     */
    public boolean resetStreams(List<Integer> streamIds) {
        return core.resetStreams(streamIds);
    }

    /** Forgets what is queued on a stream and has not begun to leave. */
    public void discardQueued(int streamId) {
        core.queue().clear(streamId);
    }

    /** Ends the association when everything queued has arrived (RFC 9260 §9.2). */
    public void shutdown(long nowNanos) {
        core.shutdown(nowNanos);
    }

    /** Ends the association at once (RFC 9260 §9.1); the peer is told. */
    public void abort(String reason) {
        core.abort(
                CloseReason.ABORTED, ErrorCause.withText(ErrorCause.USER_INITIATED_ABORT, reason));
    }

    /**
     * The path below is another one, or was proven to work again: no timer that has backed off is
     * waited for, and the path is measured anew.
     */
    public void pathChanged(long nowNanos) {
        core.pathChanged(nowNanos);
    }

    /** Asks the peer for a sign of life with the next packet. */
    public void probe() {
        core.probe();
    }

    public State state() {
        return core.state();
    }

    public AssociationStats stats() {
        return core.stats();
    }
}
