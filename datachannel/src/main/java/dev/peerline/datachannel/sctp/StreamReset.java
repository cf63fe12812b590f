package dev.peerline.datachannel.sctp;

import dev.peerline.datachannel.sctp.chunk.Bytes;
import dev.peerline.datachannel.sctp.chunk.ChunkCursor;
import dev.peerline.datachannel.sctp.chunk.PacketWriter;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.IncomingReset;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.OutgoingReset;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Parameter;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Response;
import dev.peerline.datachannel.sctp.chunk.ReConfigChunk.Unsupported;
import dev.peerline.datachannel.sctp.rx.Receiver;
import dev.peerline.datachannel.sctp.tx.SendQueue;
import dev.peerline.datachannel.sctp.tx.Sender;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Stream reset (RFC 6525): how a data channel closes (RFC 8831 §6.7). One request at a time, each
 * way. Not thread-safe.
 */
final class StreamReset {
    /** So that a request fits the smallest packet; the rest follows in the next one. */
    private static final int MAX_STREAMS_A_REQUEST = 200;

    /** RE-CONFIG with an Outgoing SSN Reset Request that names no streams (§4.1). */
    private static final int EMPTY_REQUEST_BYTES = ChunkCursor.HEADER_BYTES + 16;

    private final SendQueue queue;
    private final Sender sender;
    private final Receiver receiver;
    private final Outbox outbox;
    private final Consumer<AssociationEvent> events;

    /** Streams to be reset as soon as nothing is queued on them. */
    private final Set<Integer> wanted = new LinkedHashSet<>();

    private final RetryTimer timer = new RetryTimer();
    private @Nullable OutgoingReset request;
    private boolean requestDue;
    private int nextSequence;

    private int peerSequence;
    private int lastResult = ReConfigChunk.NOTHING_TO_DO;

    StreamReset(
            Negotiated terms,
            SendQueue queue,
            Sender sender,
            Receiver receiver,
            Outbox outbox,
            Consumer<AssociationEvent> events) {
        this.queue = queue;
        this.sender = sender;
        this.receiver = receiver;
        this.outbox = outbox;
        this.events = events;
        // §4: request sequence numbers begin with the initial TSN.
        nextSequence = terms.localInitialTsn();
        peerSequence = terms.peerInitialTsn();
    }

    /** Resets these streams of ours when what is queued on them has been sent. */
    void reset(List<Integer> streamIds) {
        wanted.addAll(streamIds);
    }

    long deadlineNanos() {
        return timer.deadlineNanos();
    }

    /** The request is not answered: again. Returns how many times it was repeated. */
    int advance(long nowNanos, long rtoNanos, long maxRtoNanos) {
        if (!timer.isExpired(nowNanos)) return 0;
        requestDue = true;
        return timer.retry(nowNanos, rtoNanos, maxRtoNanos);
    }

    void hurry(long nowNanos) {
        timer.hurry(nowNanos);
    }

    /** Writes the request that is due, or the next one; at most one is under way. */
    void write(PacketWriter out, long nowNanos, long rtoNanos) {
        if (request == null && !wanted.isEmpty()) {
            makeRequest();
            if (request != null) timer.start(nowNanos, rtoNanos);
        }
        OutgoingReset current = request;
        if (current == null || !requestDue) return;
        int bytes = EMPTY_REQUEST_BYTES + 2 * current.streams().size();
        if (out.remaining() < Bytes.padded(bytes)) return;
        new ReConfigChunk(List.of(current)).write(out);
        requestDue = false;
    }

    private void makeRequest() {
        List<Integer> streams = new ArrayList<>();
        Iterator<Integer> candidates = wanted.iterator();
        while (candidates.hasNext() && streams.size() < MAX_STREAMS_A_REQUEST) {
            int streamId = candidates.next();
            if (queue.hasQueued(streamId)) continue;
            candidates.remove();
            queue.pause(streamId);
            streams.add(streamId);
        }
        if (streams.isEmpty()) return;
        request =
                new OutgoingReset(
                        nextSequence++, peerSequence - 1, sender.lastAssignedTsn(), streams);
        requestDue = true;
    }

    void onReConfig(ReConfigChunk chunk, long nowNanos, long rtoNanos) {
        for (Parameter parameter : chunk.parameters()) {
            switch (parameter) {
                case OutgoingReset reset -> answer(reset.requestSequence(), () -> perform(reset));
                case IncomingReset reset -> answer(reset.requestSequence(), () -> obey(reset));
                case Unsupported other ->
                        answer(other.requestSequence(), () -> ReConfigChunk.DENIED);
                case Response response -> onResponse(response, nowNanos, rtoNanos);
            }
        }
    }

    /** §5.2.1: each request is carried out once, and answered each time it comes. */
    private void answer(int sequence, IntSupplier action) {
        int result;
        if (sequence == peerSequence) {
            result = action.getAsInt();
            lastResult = result;
            // In progress: the peer asks again under the same number (§5.2.2 E2).
            if (result != ReConfigChunk.IN_PROGRESS) peerSequence++;
        } else if (sequence == peerSequence - 1) {
            result = lastResult;
        } else {
            result = ReConfigChunk.BAD_SEQUENCE;
        }
        int answered = result;
        outbox.add(out -> new ReConfigChunk(List.of(new Response(sequence, answered))).write(out));
    }

    /** §5.2.2: the peer's streams begin anew, once everything before is here. */
    private int perform(OutgoingReset reset) {
        if (!receiver.hasAllUpTo(reset.lastTsn())) return ReConfigChunk.IN_PROGRESS;
        if (reset.streams().isEmpty()) receiver.resetAllStreams();
        for (int streamId : reset.streams()) receiver.resetStream(streamId);
        events.accept(new AssociationEvent.IncomingStreamsReset(reset.streams()));
        return ReConfigChunk.PERFORMED;
    }

    /** §5.2.3: the peer wants ours to begin anew. */
    private int obey(IncomingReset reset) {
        if (reset.streams().isEmpty()) return ReConfigChunk.DENIED;
        reset(reset.streams());
        return ReConfigChunk.PERFORMED;
    }

    private void onResponse(Response response, long nowNanos, long rtoNanos) {
        OutgoingReset answered = request;
        if (answered == null || response.responseSequence() != answered.requestSequence()) return;
        if (response.result() == ReConfigChunk.IN_PROGRESS) {
            // The peer is alive and waits for TSNs: ask again, and do not count it.
            timer.start(nowNanos, rtoNanos);
            return;
        }
        boolean performed =
                response.result() == ReConfigChunk.PERFORMED
                        || response.result() == ReConfigChunk.NOTHING_TO_DO;
        request = null;
        timer.stop();
        for (int streamId : answered.streams()) queue.resume(streamId, performed);
        events.accept(new AssociationEvent.OutgoingStreamsReset(answered.streams(), performed));
    }
}
