package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.ChunkType;
import dev.peerline.datachannel.sctp.chunk.ErrorCause;
import dev.peerline.datachannel.sctp.chunk.SimpleChunks;
import dev.peerline.datachannel.sctp.rx.ReceivedMessage;
import dev.peerline.datachannel.sctp.rx.Receiver;
import dev.peerline.datachannel.sctp.tx.RttEstimator;
import dev.peerline.datachannel.sctp.tx.SendQueue;
import dev.peerline.datachannel.sctp.tx.Sender;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.List;

/**
 * The state of an association and what moves it: what {@link PacketInput} reads and {@link
 * PacketOutput} writes meets here. Not thread-safe.
 */
final class AssociationCore {
    /** What exists once the peer is known: from INIT ACK or COOKIE ECHO on. */
    record Peer(Negotiated terms, Sender sender, Receiver receiver, StreamReset streamReset) {}

    /** Somebody waits for the first message, and INIT is small: do not back off for long. */
    private static final long MAX_OPENING_RTO_NANOS = 2_000_000_000L;

    private final SctpConfig config;
    private final ArrayDeque<Object> events = new ArrayDeque<>();
    private final Outbox outbox;
    private final Handshake handshake;
    private final SendQueue queue;
    private final RttEstimator rtt;
    private final Heartbeat heartbeat;
    private final Counters counters = new Counters();

    /** T1-init and T1-cookie, or T2-shutdown: never two of them at once. */
    private final RetryTimer timer = new RetryTimer();

    /** INIT, COOKIE ECHO, SHUTDOWN or SHUTDOWN ACK must be sent (again), as the state says. */
    private boolean controlDue;

    private State state = State.CLOSED;
    private boolean ended;
    private @Nullable Peer peer;
    private long initSentNanos;

    AssociationCore(SctpConfig config, Seed seed) {
        this.config = config;
        SctpConfig.Timing timing = config.timing();
        outbox = new Outbox(config.maxPacketBytes());
        handshake = new Handshake(config, outbox, seed);
        queue = new SendQueue(config.maxQueuedBytes());
        rtt =
                new RttEstimator(
                        timing.initialRtoNanos(), timing.minRtoNanos(), timing.maxRtoNanos());
        heartbeat = new Heartbeat(timing.heartbeatNanos(), timing.maxRtoNanos(), seed.nextLong());
    }

    State state() {
        return state;
    }

    /** It was up, or tried to be, and is over. */
    boolean hasEnded() {
        return ended;
    }

    @Nullable Peer peer() {
        return peer;
    }

    /** What existed before the peer was set up, which only states without one lack. */
    Peer knownPeer() {
        Peer known = peer;
        if (known == null) throw new AssertionError("no peer in state " + state);
        return known;
    }

    Handshake handshake() {
        return handshake;
    }

    Outbox outbox() {
        return outbox;
    }

    long cookieLifeNanos() {
        return config.timing().cookieLifeNanos();
    }

    SendQueue queue() {
        return queue;
    }

    Heartbeat heartbeat() {
        return heartbeat;
    }

    RttEstimator rtt() {
        return rtt;
    }

    Counters counters() {
        return counters;
    }

    boolean takeControlDue() {
        boolean due = controlDue;
        controlDue = false;
        return due;
    }

    boolean isControlDue() {
        return controlDue;
    }

    // Opening.

    void connect(long nowNanos) {
        enter(State.COOKIE_WAIT, nowNanos);
        initSentNanos = nowNanos;
    }

    /** INIT ACK: the peer is known, its cookie goes back (§5.1 C). */
    void echoCookie(Negotiated terms, long nowNanos) {
        if (timer.attempts() == 0) measured(nowNanos - initSentNanos, nowNanos);
        setUp(terms);
        enter(State.COOKIE_ECHOED, nowNanos);
    }

    /** COOKIE ECHO of a peer that had not been known, or its INIT by another way. */
    void establish(Negotiated terms, long nowNanos) {
        setUp(terms);
        established(new AssociationEvent.Established(terms), nowNanos);
    }

    /** COOKIE ACK, or the peer's COOKIE ECHO with the same tags. */
    void confirm(long nowNanos) {
        if (state == State.COOKIE_ECHOED)
            established(new AssociationEvent.Established(knownPeer().terms), nowNanos);
    }

    /** §5.2.4 A: nothing of the old association is left. */
    void restart(Negotiated terms, long nowNanos) {
        queue.clearAll();
        rtt.reset();
        outbox.dropBundled();
        Receiver receiver = setUp(terms);
        // What the application has not taken yet is in memory still.
        for (Object event : events)
            if (event instanceof ReceivedMessage message) receiver.holdUntaken(message);
        established(new AssociationEvent.Restarted(terms), nowNanos);
    }

    private void established(AssociationEvent event, long nowNanos) {
        state = State.ESTABLISHED;
        controlDue = false;
        timer.stop();
        heartbeat.onPeerAlive(nowNanos);
        events.add(event);
    }

    private Receiver setUp(Negotiated terms) {
        Sender sender =
                new Sender(
                        queue,
                        config.congestion().create(config.maxPacketBytes()),
                        rtt,
                        new Sender.Settings(
                                terms.localInitialTsn(),
                                terms.peerWindow(),
                                terms.interleaving(),
                                terms.partialReliability()));
        Receiver receiver =
                new Receiver(
                        new Receiver.Settings(
                                terms.peerInitialTsn(),
                                terms.interleaving(),
                                config.maxMessageBytes(),
                                config.initialWindowBytes(),
                                config.maxWindowBytes(),
                                config.timing().sackDelayNanos()),
                        events::add);
        StreamReset reset = new StreamReset(terms, queue, sender, receiver, outbox, events::add);
        receiver.onRtt(rtt.smoothed());
        peer = new Peer(terms, sender, receiver, reset);
        return receiver;
    }

    void measured(long rttNanos, long nowNanos) {
        rtt.add(rttNanos, nowNanos);
        if (peer != null) peer.receiver.onRtt(rtt.smoothed());
    }

    // Closing.

    void shutdown(long nowNanos) {
        if (state == State.ESTABLISHED) state = State.SHUTDOWN_PENDING;
        else if (!state.isUp() && !ended) close(CloseReason.SHUTDOWN, "before it was established");
        checkDrained(nowNanos);
    }

    /** The peer's SHUTDOWN (§9.2). */
    void onShutdown(long nowNanos) {
        switch (state) {
            case ESTABLISHED, SHUTDOWN_PENDING -> state = State.SHUTDOWN_RECEIVED;
            // Both at once: "send a SHUTDOWN ACK, start T2, enter SHUTDOWN-ACK-SENT".
            case SHUTDOWN_SENT -> enter(State.SHUTDOWN_ACK_SENT, nowNanos);
            case SHUTDOWN_ACK_SENT -> controlDue = true;
            case SHUTDOWN_RECEIVED, CLOSED, COOKIE_WAIT, COOKIE_ECHOED -> {}
        }
    }

    /** What was queued has arrived: the shutdown goes on. */
    void checkDrained(long nowNanos) {
        if (state != State.SHUTDOWN_PENDING && state != State.SHUTDOWN_RECEIVED) return;
        if (!knownPeer().sender.isDrained()) return;
        enter(
                state == State.SHUTDOWN_PENDING ? State.SHUTDOWN_SENT : State.SHUTDOWN_ACK_SENT,
                nowNanos);
    }

    private void enter(State next, long nowNanos) {
        state = next;
        controlDue = true;
        timer.start(nowNanos, rtt.currentRto());
    }

    void repeatControl() {
        controlDue = true;
    }

    /** Ends the association and tells the peer. */
    void abort(CloseReason reason, ErrorCause cause) {
        if (ended || state == State.CLOSED) return;
        Peer known = peer;
        if (known != null) {
            outbox.clear(); // however full it was
            outbox.addAlone(
                    known.terms.peerTag(),
                    out -> ErrorCause.writeAbort(out, false, List.of(cause)));
        }
        close(reason, cause.text());
    }

    void close(CloseReason reason, String detail) {
        if (ended) return;
        ended = true;
        state = State.CLOSED;
        controlDue = false;
        timer.stop();
        outbox.dropBundled();
        queue.clearAll();
        events.add(new AssociationEvent.Closed(reason, detail));
    }

    // Time.

    void advance(long nowNanos) {
        if (timer.isExpired(nowNanos)) onRetryTimer(nowNanos);
        Peer known = peer;
        if (known == null || !state.isUp()) return;
        known.sender.advance(nowNanos);
        known.receiver.advance(nowNanos);
        heartbeat.advance(nowNanos);
        long max = config.timing().maxRtoNanos();
        int repeated = known.streamReset.advance(nowNanos, rtt.currentRto(), max);
        int failures =
                Math.max(
                        known.sender.consecutiveTimeouts(), Math.max(heartbeat.misses(), repeated));
        if (failures > config.timing().maxRetransmissions())
            close(CloseReason.PEER_UNREACHABLE, failures + " timeouts in a row");
    }

    private void onRetryTimer(long nowNanos) {
        SctpConfig.Timing timing = config.timing();
        boolean opening = state == State.COOKIE_WAIT || state == State.COOKIE_ECHOED;
        long max = opening ? MAX_OPENING_RTO_NANOS : timing.maxRtoNanos();
        int attempts = timer.retry(nowNanos, rtt.currentRto(), max);
        controlDue = true;
        if (opening && attempts > timing.maxInitRetransmissions())
            close(CloseReason.NO_HANDSHAKE, attempts + " attempts");
        else if (!opening && attempts > timing.maxRetransmissions())
            close(CloseReason.PEER_UNREACHABLE, "no answer to the shutdown");
    }

    long deadlineNanos() {
        long deadline = timer.deadlineNanos();
        Peer known = peer;
        if (known == null || !state.isUp()) return deadline;
        deadline = Math.min(deadline, known.sender.deadlineNanos());
        deadline = Math.min(deadline, known.receiver.deadlineNanos());
        deadline = Math.min(deadline, known.streamReset.deadlineNanos());
        return Math.min(deadline, heartbeat.deadlineNanos());
    }

    void pathChanged(long nowNanos) {
        timer.hurry(nowNanos);
        Peer known = peer;
        if (known == null || !state.isUp()) return;
        known.sender.onPathChange(nowNanos);
        known.receiver.requestSack();
        known.streamReset.hurry(nowNanos);
        heartbeat.onPeerAlive(nowNanos);
        heartbeat.request();
    }

    void probe() {
        if (state.isUp()) heartbeat.request();
    }

    // The owner's side.

    SendResult send(int streamId, byte[] data, SendQueue.Options options) {
        if (ended || state.compareTo(State.SHUTDOWN_PENDING) >= 0) return SendResult.CLOSED;
        int streams = peer == null ? config.streams() : peer.terms.outboundStreams();
        if (streamId < 0 || streamId >= streams) return SendResult.NO_SUCH_STREAM;
        return queue.offer(streamId, data, 0, data.length, options)
                ? SendResult.QUEUED
                : SendResult.QUEUE_FULL;
    }

    boolean resetStreams(List<Integer> streamIds) {
        Peer known = peer;
        if (known == null || !known.terms.streamReset() || state != State.ESTABLISHED) return false;
        known.streamReset.reset(streamIds);
        return true;
    }

    @Nullable Object pollEvent() {
        // Beside the queue of events, so that sending makes none.
        int low = queue.pollLow();
        if (low >= 0) return new AssociationEvent.BufferedAmountLow(low);
        return events.poll();
    }

    void onTaken(ReceivedMessage message) {
        if (peer != null) peer.receiver.taken(message);
    }

    AssociationStats stats() {
        return counters.stats(queue, rtt, peer);
    }

    /** SHUTDOWN ACK to one who still waits for it (§8.5.1 E); and its COMPLETE to nowhere. */
    void completeShutdown(int tag, boolean reflected) {
        outbox.addAlone(
                tag,
                out -> SimpleChunks.writeBare(out, ChunkType.SHUTDOWN_COMPLETE, reflected ? 1 : 0));
    }
}
