package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A session with somebody who remembers what it told, and hands candidates to the other side. */
final class TestPeer implements IceListener, AutoCloseable {
    /** Long enough for a machine that has much else to do. */
    static final long PATIENCE_SECONDS = 60;

    final IceSession session;
    final List<IceState> states = new CopyOnWriteArrayList<>();
    final List<IceCandidate> candidates = new CopyOnWriteArrayList<>();
    final List<SelectedPair> pairs = new CopyOnWriteArrayList<>();
    final List<String> errors = new CopyOnWriteArrayList<>();
    final BlockingQueue<String> packets = new LinkedBlockingQueue<>();

    /** Which of its candidates the other side is told of, and as what. */
    volatile UnaryOperator<@Nullable IceCandidate> tells = UnaryOperator.identity();

    private final Object changed = new Object();
    private volatile @Nullable TestPeer other;
    private int consentsLost;

    TestPeer(IcePort port, IceOptions options) {
        session = port.session(options, this);
    }

    /** From now on the other side is told of candidates, those of before included. */
    void trickleTo(TestPeer peer) {
        session.loop()
                .execute(
                        () -> {
                            candidates.forEach(each -> tell(peer, each));
                            other = peer;
                        });
    }

    /** Starts both, the first controlling. */
    static void connect(TestPeer first, TestPeer second) {
        first.trickleTo(second);
        second.trickleTo(first);
        first.session.gather();
        second.session.gather();
        exchange(first, second);
    }

    static void exchange(TestPeer first, TestPeer second) {
        first.session.setRemote(second.session.localParameters(), IceRole.CONTROLLING);
        second.session.setRemote(first.session.localParameters(), IceRole.CONTROLLED);
    }

    @Override
    public void localCandidate(IceCandidate candidate) {
        candidates.add(candidate);
        TestPeer peer = other;
        if (peer != null) tell(peer, candidate);
        wake();
    }

    private void tell(TestPeer peer, IceCandidate candidate) {
        IceCandidate told = tells.apply(candidate);
        // as text, as signalling has it
        if (told != null) assertTrue(peer.session.addRemoteCandidate(told.toString()));
    }

    @Override
    public void gatheringState(IceGatheringState state) {
        TestPeer peer = other;
        if (state == IceGatheringState.COMPLETE && peer != null)
            peer.session.endOfRemoteCandidates();
        wake();
    }

    @Override
    public void candidateError(IceServer server, int code, String hint) {
        errors.add(server + " " + code + " " + hint);
        wake();
    }

    @Override
    public void state(IceState state) {
        states.add(state);
        wake();
    }

    @Override
    public void selectedPair(SelectedPair pair) {
        pairs.add(pair);
        wake();
    }

    @Override
    public void packet(ByteBuffer packet) {
        packets.add(StandardCharsets.UTF_8.decode(packet).toString());
    }

    @Override
    public void consentLost() {
        synchronized (changed) {
            consentsLost++;
            changed.notifyAll();
        }
    }

    int consentsLost() {
        synchronized (changed) {
            return consentsLost;
        }
    }

    private void wake() {
        synchronized (changed) {
            changed.notifyAll();
        }
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        synchronized (changed) {
            while (!condition.getAsBoolean()) {
                long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                if (left <= 0) throw new AssertionError("No " + what + ": " + this);
                changed.wait(Math.min(left, 50)); // counters tell nobody that they change
            }
        }
    }

    void awaitState(IceState... wanted) throws InterruptedException {
        await(List.of(wanted).toString(), () -> List.of(wanted).contains(session.state()));
    }

    void awaitConnected() throws InterruptedException {
        awaitState(IceState.CONNECTED, IceState.COMPLETED);
    }

    /** The next packet. */
    String receive() throws InterruptedException {
        String packet = packets.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (packet == null) throw new AssertionError("No packet: " + this);
        return packet;
    }

    boolean send(String text) {
        return session.send(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The pair that packets take. */
    SelectedPair pair() {
        SelectedPair pair = session.selectedPair();
        if (pair == null) throw new AssertionError("No pair: " + this);
        return pair;
    }

    @Override
    public String toString() {
        return "states=%s candidates=%s pairs=%s errors=%s stats=%s"
                .formatted(states, candidates, pairs, errors, session.stats());
    }

    @Override
    public void close() {
        session.close();
    }
}
