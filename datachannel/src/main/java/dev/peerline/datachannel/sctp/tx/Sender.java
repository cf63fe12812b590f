package dev.peerline.datachannel.sctp.tx;

import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.SackChunk;
import dev.peerline.datachannel.sctp.congestion.AckSample;
import dev.peerline.datachannel.sctp.congestion.CongestionControl;

/**
 * Turns messages into chunks with TSNs and sees them through: what may be sent now, what was
 * acknowledged, what must be sent again. Not thread-safe.
 */
public final class Sender {
    /**
     * What the handshake has settled.
     *
     * @param peerWindow the peer's first a_rwnd, bytes
     */
    public record Settings(
            int initialTsn, long peerWindow, boolean interleaving, boolean partialReliability) {}

    private final SendQueue queue;
    private final CongestionControl congestion;
    private final RttEstimator rtt;
    private final Outstanding outstanding;
    private final PartialReliability partial;
    private final LossDetector losses = new LossDetector();
    private final DeliveryRate rate = new DeliveryRate();
    private final SpuriousTimeout spurious = new SpuriousTimeout();
    private final AckSample sample = new AckSample();
    private final RetransmissionTimers timers;
    private final Transmitter transmitter;

    private int sackSerial;
    private int sackGaps;
    private long recoveryTsn;
    private boolean afterTimeout;
    private long spuriousTimeouts;

    public Sender(
            SendQueue queue, CongestionControl congestion, RttEstimator rtt, Settings settings) {
        this.queue = queue;
        this.congestion = congestion;
        this.rtt = rtt;
        outstanding = new Outstanding(settings.initialTsn());
        partial = new PartialReliability(outstanding, queue, settings);
        timers = new RetransmissionTimers(rtt);
        transmitter =
                new Transmitter(
                        new Transmitter.Parts(
                                queue, outstanding, partial, congestion, timers, rate, spurious),
                        settings);
        recoveryTsn = outstanding.cumulativeTsn();
        queue.interleaving(settings.interleaving());
    }

    /** The last TSN that was given to a fragment. */
    public int lastAssignedTsn() {
        return (int) (outstanding.nextTsn() - 1);
    }

    /** Nothing is queued and nothing waits for acknowledgement. */
    public boolean isDrained() {
        return outstanding.isEmpty() && queue.isEmpty();
    }

    /** T3-rtx expirations in a row (RFC 9260 §8.1). */
    public int consecutiveTimeouts() {
        return timers.consecutiveTimeouts();
    }

    /** The peer was heard otherwise: a HEARTBEAT ACK (RFC 9260 §8.3). */
    public void onPeerAlive() {
        timers.onPeerAlive();
    }

    public long deadlineNanos() {
        long deadline = Math.min(timers.deadlineNanos(), losses.deadlineNanos());
        return Math.min(deadline, transmitter.deadlineNanos());
    }

    /** A timer may have expired. */
    public void advance(long nowNanos) {
        if (losses.deadlineNanos() <= nowNanos) {
            sample.reset(nowNanos);
            sample.priorInFlightBytes = outstanding.inFlightBytes();
            detectLosses(nowNanos);
            if (sample.lostBytes > 0) tellCongestion();
        }
        switch (timers.expired(nowNanos)) {
            case NONE -> {}
            case TAIL_PROBE -> probeTail();
            case T3 -> onTimeout(nowNanos);
        }
    }

    /** RFC 8985 §7.3: new data if there is some, else the newest chunk again. */
    private void probeTail() {
        SentChunk newest = outstanding.latestInFlight();
        boolean newData =
                !queue.isEmpty() && transmitter.peerWindow() > outstanding.inFlightPayloadBytes();
        if (newest != null && !newData) outstanding.markLost(newest);
        transmitter.probe();
    }

    /** RFC 9260 §6.3.3. */
    private void onTimeout(long nowNanos) {
        boolean zeroWindowProbe = transmitter.peerWindow() == 0 && outstanding.size() <= 1;
        timers.onTimeout(zeroWindowProbe);
        congestion.onTimeout();
        // Once only: a path that does not answer one packet is asked with more.
        boolean asking = timers.consecutiveTimeouts() == 1;
        if (sackGaps <= SpuriousTimeout.MAX_GAPS)
            spurious.onTimeout(outstanding.nextTsn() - 1, asking, nowNanos);
        else spurious.reset();
        losses.mark();
        markAllLost();
        // What an earlier SACK covered and the newest does not was reneged on (§6.2.1).
        for (long tsn = outstanding.cumulativeTsn() + 1; tsn < outstanding.nextTsn(); tsn++) {
            SentChunk chunk = outstanding.at(tsn);
            if (chunk.state == SentChunk.State.ACKED && chunk.coveredBySack != sackSerial)
                outstanding.markLost(chunk);
        }
        partial.onTimeout();
        recoveryTsn = outstanding.nextTsn() - 1;
        afterTimeout = true;
        transmitter.resetPace();
        timers.rearm(outstanding, nowNanos);
    }

    private void markAllLost() {
        SentChunk chunk = outstanding.earliestInFlight();
        while (chunk != null) {
            outstanding.markLost(chunk);
            chunk = outstanding.earliestInFlight();
        }
    }

    /** The path was proven to work, or to be another one: try at once, and measure anew. */
    public void onPathChange(long nowNanos) {
        boolean wasDead = timers.consecutiveTimeouts() > 0;
        rtt.reset();
        congestion.onPathChange();
        losses.reset();
        spurious.reset();
        timers.onPeerAlive();
        transmitter.resetPace();
        // What is in flight on a path that still worked may yet arrive: a probe tells.
        if (wasDead) markAllLost();
        else if (!outstanding.isEmpty()) probeTail();
        partial.onTimeout();
        timers.restart(outstanding, nowNanos);
    }

    /** A SACK, well-formed by itself. */
    public void onSack(SackChunk sack, long nowNanos) {
        long cumulative = outstanding.unwrap(sack.cumulativeTsn());
        if (!isPlausible(cumulative)) return;
        sackSerial++;
        sackGaps = sack.gaps();
        beginAck(cumulative, nowNanos);
        if (sack.gaps() > 0) acknowledgeGaps(sack, nowNanos);
        if (sack.duplicates() > 0) losses.onDuplicate(rtt.smoothed(), nowNanos);
        transmitter.peerWindow(sack.advertisedReceiverWindow());
        finishAck(nowNanos);
    }

    /** The cumulative TSN of a SHUTDOWN (RFC 9260 §9.2), which tells no window. */
    public void onCumulativeAck(int cumulativeTsn, long nowNanos) {
        long cumulative = outstanding.unwrap(cumulativeTsn);
        if (!isPlausible(cumulative)) return;
        beginAck(cumulative, nowNanos);
        finishAck(nowNanos);
    }

    /** RFC 9260 §6.2.1 i: neither older than what was processed, nor of what was never sent. */
    private boolean isPlausible(long cumulative) {
        return cumulative >= outstanding.cumulativeTsn() && cumulative < outstanding.nextTsn();
    }

    private void beginAck(long cumulative, long nowNanos) {
        sample.reset(nowNanos);
        sample.priorInFlightBytes = outstanding.inFlightBytes();
        sample.cumulativeAdvanced = cumulative > outstanding.cumulativeTsn();
        sample.windowLimited = transmitter.windowLimited();
        acknowledgeUpTo(cumulative, nowNanos);
    }

    private void finishAck(long nowNanos) {
        if (sample.rttNanos > 0) rtt.add(sample.rttNanos, nowNanos);
        // Progress is an answer to FORWARD TSN, too, which acknowledges no bytes.
        if (sample.ackedBytes > 0 || sample.cumulativeAdvanced) {
            rtt.resetBackOff();
            timers.onPeerAlive();
            spurious.onAnswer();
        }
        rate.finish(sample, rtt.min());
        if (spurious.isProven(sample.cumulativeAdvanced, nowNanos)) undoTimeout();
        detectLosses(nowNanos);
        partial.advance();
        partial.onSack(Math.max(rtt.smoothed(), 1_000_000), nowNanos);
        tellCongestion();
        if (sample.cumulativeAdvanced || sample.ackedBytes > 0)
            timers.onProgress(outstanding, nowNanos);
        else timers.rearm(outstanding, nowNanos);
    }

    /** What T3-rtx took for lost and did not send again is under way; RACK judges it from here. */
    private void undoTimeout() {
        outstanding.restoreLost();
        losses.rewind(spurious.newestFirst());
        congestion.onSpuriousTimeout();
        spuriousTimeouts++;
    }

    private void tellCongestion() {
        sample.inFlightBytes = outstanding.inFlightBytes();
        // After a timeout the window grows by slow start, while what was lost is sent again.
        sample.recovering = recovering() && !afterTimeout;
        congestion.onAck(sample);
    }

    private void acknowledgeUpTo(long cumulative, long nowNanos) {
        while (outstanding.cumulativeTsn() < cumulative) {
            SentChunk chunk = outstanding.at(outstanding.cumulativeTsn() + 1);
            if (isNews(chunk)) acknowledge(chunk, nowNanos);
            OutgoingMessage message = chunk.message;
            outstanding.advanceCumulative(chunk);
            if (message != null && --message.references == 0 && message.fullySent())
                queue.recycle(message);
        }
    }

    private void acknowledgeGaps(SackChunk sack, long nowNanos) {
        long cumulative = outstanding.cumulativeTsn();
        for (int i = 0; i < sack.gaps(); i++) {
            long end = Math.min(cumulative + sack.gapEnd(i), outstanding.nextTsn() - 1);
            for (long tsn = cumulative + sack.gapStart(i); tsn <= end; tsn++) {
                SentChunk chunk = outstanding.at(tsn);
                chunk.coveredBySack = sackSerial;
                if (!isNews(chunk)) continue;
                acknowledge(chunk, nowNanos);
                outstanding.markAcked(chunk);
            }
        }
    }

    private static boolean isNews(SentChunk chunk) {
        return chunk.state == SentChunk.State.IN_FLIGHT || chunk.state == SentChunk.State.LOST;
    }

    private void acknowledge(SentChunk chunk, long nowNanos) {
        sample.ackedBytes += chunk.wireBytes;
        // Karn: a chunk that was sent twice tells no round trip. Neither does one whose
        // acknowledgement came late, because earlier SACKs had no room for it.
        boolean fresh = chunk.state == SentChunk.State.IN_FLIGHT && losses.isNewer(chunk);
        if (chunk.transmissions == 1 && fresh)
            sample.rttNanos = Math.max(1, nowNanos - chunk.sentNanos);
        if (losses.isNewerThanMark(chunk)) spurious.onAcked(chunk, rtt.min(), nowNanos);
        if (!spurious.isAmbiguous(chunk)) losses.onAcked(chunk, rtt.min(), nowNanos);
        rate.onAcked(chunk, nowNanos);
    }

    private void detectLosses(long nowNanos) {
        while (true) {
            SentChunk chunk = losses.nextLost(outstanding, rtt, recovering(), nowNanos);
            if (chunk == null) return;
            sample.lostBytes += chunk.wireBytes;
            // One event a window: what was in flight at the last one belongs to it.
            if (chunk.tsn > recoveryTsn) {
                sample.lossEvent = true;
                afterTimeout = false;
                recoveryTsn = outstanding.nextTsn() - 1;
                losses.onLossEvent();
            }
            outstanding.markLost(chunk);
        }
    }

    private boolean recovering() {
        return outstanding.cumulativeTsn() < recoveryTsn;
    }

    /** FORWARD TSN, if one is due and fits. */
    public void writeForwardTsn(PacketWriter out, long nowNanos) {
        if (!partial.isDue() || !partial.write(out, nowNanos)) return;
        timers.rearm(outstanding, nowNanos);
    }

    /**
     * Whether {@link #writeData} would find something to send; rarely it finds nothing after all.
     */
    public boolean mayWriteData(long nowNanos) {
        return transmitter.mayWriteData(nowNanos);
    }

    /** Puts as much DATA into the packet as window, pace and room allow; says whether any. */
    public boolean writeData(PacketWriter out, long nowNanos) {
        return transmitter.writeData(out, nowNanos);
    }

    public long inFlightBytes() {
        return outstanding.inFlightBytes();
    }

    /** TSNs not yet cumulatively acknowledged. */
    public int outstandingChunks() {
        return outstanding.size();
    }

    public long windowBytes() {
        return congestion.windowBytes();
    }

    public long retransmittedChunks() {
        return transmitter.retransmittedChunks();
    }

    /** Times that T3-rtx expired, and nothing had been lost. */
    public long spuriousTimeouts() {
        return spuriousTimeouts;
    }

    public long sentChunks() {
        return transmitter.sentChunks();
    }

    public long abandonedMessages() {
        return partial.abandonedMessages();
    }

    public long deliveredBytes() {
        return rate.deliveredBytes();
    }
}
