package org.ice4j.stack;

import org.ice4j.ResponseCollector;
import org.ice4j.StunException;
import org.ice4j.StunMessageEvent;
import org.ice4j.TransportAddress;
import org.ice4j.message.Message;
import org.ice4j.message.Request;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * ice4j's STUN stack without its sockets, which take a thread each: what it sends is handed to
 * {@link #transmit}, what arrives is given to {@link #received}. In this package because the hook
 * ({@code getNetAccessManager}) is private to it; another version of ice4j may have another one,
 * which the compiler and the tests of sessions say.
 *
 * <p>It also keeps a request back until ice4j has armed the timer of its retransmission, which it
 * does only after sending: an answer that came in between would not stop that timer, and the pair
 * that works would be declared failed some 6 s later (seen on loopback with 4-13 % of pairs).
 */
@NullMarked
public abstract class DirectStunStack extends StunStack {
    private final Object sending = new Object();
    private final List<Runnable> held = new ArrayList<>(1);
    private @Nullable Thread holder;
    private @Nullable NetAccessManager direct;

    /** Sends this, soon. Called on any thread, with locks of ice4j held: it must not wait. */
    protected abstract void transmit(byte[] message, TransportAddress from, TransportAddress to);

    /**
     * Takes a message that arrived at {@code at}.
     *
     * @return false if ice4j could make nothing of it; it throws what it happens to throw
     */
    public final boolean received(byte[] message, TransportAddress at, TransportAddress from) {
        try {
            Message decoded = Message.decode(message, 0, message.length);
            RawMessage raw = RawMessage.build(message, message.length, from, at);
            handleMessageEvent(new StunMessageEvent(this, raw, decoded));
            return true;
        } catch (StunException | RuntimeException e) {
            return false;
        }
    }

    @Override
    public TransactionID sendRequest(
            Request request,
            TransportAddress to,
            TransportAddress from,
            ResponseCollector collector,
            TransactionID id,
            int originalWait,
            int maxWait,
            int maxRetransmissions)
            throws IOException {
        synchronized (sending) {
            holder = Thread.currentThread();
            try {
                TransactionID sent =
                        super.sendRequest(
                                request,
                                to,
                                from,
                                collector,
                                id,
                                originalWait,
                                maxWait,
                                maxRetransmissions);
                held.forEach(Runnable::run);
                return sent;
            } finally {
                held.clear();
                holder = null;
            }
        }
    }

    private void sendOrHold(byte[] message, TransportAddress from, TransportAddress to) {
        synchronized (sending) {
            if (holder == Thread.currentThread()) {
                held.add(() -> transmit(message, from, to));
                return;
            }
        }
        transmit(message, from, to);
    }

    @Override
    NetAccessManager getNetAccessManager() {
        synchronized (sending) {
            NetAccessManager manager = direct;
            if (manager == null) {
                manager = new Direct(this);
                direct = manager;
            }
            return manager;
        }
    }

    private static final class Direct extends NetAccessManager {
        private final DirectStunStack stack;

        Direct(DirectStunStack stack) {
            super(stack);
            this.stack = stack;
        }

        @Override
        void sendMessage(byte[] message, TransportAddress from, TransportAddress to) {
            stack.sendOrHold(message, from, to);
        }
    }
}
