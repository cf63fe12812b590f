package dev.peerline.server.pushpeer;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.DataChannelOptions;
import dev.peerline.datachannel.Message;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionState;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IceGatheringState;
import dev.peerline.fallback.http.LinkHandler;
import dev.peerline.fallback.http.PacketPipe;
import dev.peerline.fallback.http.PipeCarrier;
import dev.peerline.fallback.http.Visitor;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.fallback.link.wire.Id;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One client's connection, and the carrier on its data channel. Listeners run one at a time, on
 * virtual threads; so a client that sends faster than it may is held back by not returning from
 * one. Thread-safe.
 */
final class PushPeerConnection implements PacketPipe {
    /** docs/protocol.md, section 6. */
    private static final String LABEL = "peerline";

    private static final String PROTOCOL = "peerline.1";

    /** From the answer to the open channel: some round trips, on a bad line. */
    private static final long SETUP_SECONDS = 15;

    /** Whose it is. */
    record Client(Visitor visitor, Id id) {}

    /** Who keeps count. */
    interface Owner {
        /** Once: there is a channel, or there will be none. */
        void settled(PushPeerCounters.Result result);

        void ended(PushPeerConnection connection);

        /** For what must not run where it is asked for. */
        ExecutorService executor();
    }

    private final PeerConnection connection;
    private final DataChannel channel;
    private final LinkHandler link;
    private final Client client;
    private final Owner owner;
    private final AtomicBoolean settled = new AtomicBoolean();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition readOn = lock.newCondition();

    /** Guarded by the lock. */
    private boolean reading = true;

    private volatile @Nullable PipeCarrier carrier;

    PushPeerConnection(PeerConnection connection, LinkHandler link, Client client, Owner owner) {
        this.connection = connection;
        this.link = link;
        this.client = client;
        this.owner = owner;
        channel =
                connection.createDataChannel(
                        LABEL,
                        DataChannelOptions.defaults().withNegotiatedId(0).withProtocol(PROTOCOL));
    }

    /** Answers the offer; fails with {@link IllegalArgumentException} where it is none. */
    CompletableFuture<String> answer(String offer) {
        channel.onOpen(this::opened).onMessage(this::received).onClose(this::end);
        CompletableFuture<String> answer = new CompletableFuture<>();
        connection
                .onConnectionStateChange(this::changed)
                .onDataChannel(DataChannel::close) // nobody reads it
                .onIceGatheringStateChange(
                        state -> {
                            SessionDescription local = connection.localDescription();
                            if (state == IceGatheringState.COMPLETE && local != null)
                                answer.complete(local.sdp());
                        });
        var _ =
                connection
                        .setRemoteDescription(SessionDescription.offer(offer))
                        .thenCompose(_ -> connection.setLocalDescription())
                        .whenComplete(
                                (_, problem) -> {
                                    if (problem != null) answer.completeExceptionally(problem);
                                });
        Executor late =
                CompletableFuture.delayedExecutor(SETUP_SECONDS, TimeUnit.SECONDS, Runnable::run);
        late.execute(this::giveUp);
        return answer.whenComplete(
                (_, problem) -> {
                    if (problem != null) end(PushPeerCounters.Result.REFUSED);
                });
    }

    private void giveUp() {
        if (carrier == null) end();
    }

    private void changed(PeerConnectionState state) {
        if (state == PeerConnectionState.FAILED || state == PeerConnectionState.CLOSED) end();
    }

    private void opened() {
        if (ended.get()) return;
        settle(PushPeerCounters.Result.OPENED);
        PipeCarrier begun =
                link.carry(client.visitor(), CarrierKind.DATA_CHANNEL, client.id(), this);
        carrier = begun;
        begun.open();
        // It may have ended meanwhile, and told nobody.
        if (ended.get()) begun.closed();
    }

    private void received(Message message) {
        PipeCarrier here = carrier;
        if (here == null || !mayRead()) return;
        if (message.isText()) here.noPacket();
        else here.packet(Bytes.of(message.data()));
    }

    /** Waits while nothing is to be brought up; false when it is over. */
    private boolean mayRead() {
        lock.lock();
        try {
            while (!reading && !ended.get()) readOn.awaitUninterruptibly();
        } finally {
            lock.unlock();
        }
        return !ended.get();
    }

    @Override
    public void reading(boolean on) {
        lock.lock();
        try {
            reading = on;
            readOn.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void send(Bytes packet) {
        var _ =
                channel.send(packet.toArray())
                        .whenComplete(
                                (_, problem) -> {
                                    PipeCarrier here = carrier;
                                    if (here == null) return;
                                    if (problem == null) here.sent();
                                    else here.broken();
                                });
    }

    @Override
    public void hangUp(int closeCode) {
        var _ = channel.send(Integer.toString(closeCode));
        channel.close();
    }

    @Override
    public void cut() {
        end();
    }

    @Override
    public void hand(Runnable task) {
        owner.executor().execute(task);
    }

    private void end() {
        end(PushPeerCounters.Result.FAILED);
    }

    private void end(PushPeerCounters.Result unlessOpened) {
        if (!ended.compareAndSet(false, true)) return;
        settle(unlessOpened);
        reading(true);
        connection.close();
        owner.ended(this);
        PipeCarrier here = carrier;
        if (here != null) here.closed();
    }

    private void settle(PushPeerCounters.Result result) {
        if (settled.compareAndSet(false, true)) owner.settled(result);
    }
}
