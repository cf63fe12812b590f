package dev.peerline.fallback.http;

import dev.peerline.fallback.http.Sessions.Session;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.ErrorCode;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Refusal;
import dev.peerline.fallback.link.wire.TopicListing;
import dev.peerline.fallback.link.wire.UpFrame;
import dev.peerline.fallback.link.wire.WireWriter;

import io.undertow.server.HttpServerExchange;
import io.undertow.util.SameThreadExecutor;

import org.jspecify.annotations.Nullable;
import org.xnio.XnioIoThread;

import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/**
 * A way down that is the answer to one {@code GET}. It waits as an object, without a thread.
 * Whatever touches the exchange runs on its I/O thread; who wakes it from another hands that over.
 */
abstract class HttpCarrier extends ReadingCarrier {
    private static final System.Logger LOGGER = System.getLogger(HttpCarrier.class.getName());

    private final HttpServerExchange exchange;

    /** Only the I/O thread's: an answer is under way, or awaited, that is no refusal. */
    private boolean begun;

    /** Only the I/O thread's: why it was refused before that. */
    private @Nullable Ending refused;

    HttpCarrier(LinkHandler link, Visitor visitor, HttpServerExchange exchange) {
        super(link, visitor, task -> run(exchange.getIoThread(), task));
        this.exchange = exchange;
    }

    private static void run(XnioIoThread thread, Runnable task) {
        if (Thread.currentThread() == thread) {
            task.run();
            return;
        }
        try {
            thread.execute(task);
        } catch (RejectedExecutionException _) {
            // The server is closed, and every connection with it.
        }
    }

    /** Prepares what every answer of this kind has. On the I/O thread. */
    abstract void start();

    /** Writes a packet of the answer. On the I/O thread. */
    abstract void sendOn(Bytes packet);

    /** Ends the answer. On the I/O thread. */
    abstract void hangUpOn();

    final HttpServerExchange exchange() {
        return exchange;
    }

    /**
     * Greets, and answers now or later.
     *
     * @param acks what followed the {@code HELLO}
     */
    final void open(Hello hello, List<UpFrame> acks) {
        exchange.addExchangeCompleteListener(
                (_, following) -> {
                    closed();
                    following.proceed();
                });
        if (!goesDark(hello, openedMillis())) refused = greet(hello, acks);
        if (refused != null) end(refused);
        else exchange.dispatch(SameThreadExecutor.INSTANCE, this::begin);
    }

    private @Nullable Ending greet(Hello hello, List<UpFrame> acks) {
        if (link().draining()) return Ending.move(link().returnMillis());
        Ending why = door().enter(hello, openedMillis());
        if (Ending.TAKEN_OVER.equals(why)) {
            return Ending.because(
                    ErrorCode.OVERTAKEN, "A later carrier of this session is here already.");
        }
        Session session = door().session();
        if (why != null || session == null) return why;
        List<UpFrame> counts =
                door().resumed()
                        ? acks
                        : acks.stream().filter(TopicListing.class::isInstance).toList();
        return counts.isEmpty() ? null : session.receive(counts, 0, openedMillis());
    }

    private void begin() {
        try {
            begun = true;
            ClientWatch.begin(exchange, this::abort);
            start();
            // Ended by another while it was greeted: then its session has not heard of it yet.
            if (ended()) left();
            wake();
            started();
        } catch (RuntimeException | AssertionError fault) {
            LOGGER.log(System.Logger.Level.ERROR, "event=answer-failed", fault);
            abort();
        }
    }

    /** What there was to say is on its way. On the I/O thread. */
    void started() {}

    @Override
    final void send(Bytes packet) {
        if (begun) {
            sendOn(packet);
        } else if (refused != null && refused.last() instanceof Refusal refusal) {
            lastPacket();
            PacketAnswer.send(exchange, refusal, packet);
        } else {
            lastPacket();
            sendAway(packet);
        }
    }

    /** Who asks while the server goes down is told by {@code MOVE}, and by the status too. */
    private void sendAway(Bytes move) {
        Refusal refusal = Refusal.of(ErrorCode.GOING_AWAY, "This server is going down.");
        PacketAnswer.send(
                exchange, refusal, new WireWriter().raw(move).raw(refusal.encode()).take());
    }

    @Override
    final void hangUp(Ending why) {
        if (begun) hangUpOn();
    }

    @Override
    @Nullable Ending overdue(long now) {
        // HTTP/2: the client has reset the stream; nobody tells.
        if (ClientWatch.isGone(exchange)) abort();
        return null;
    }

    @Override
    final void cut() {
        run(exchange.getIoThread(), () -> Exchanges.cut(exchange));
    }

    /** There is nothing to read: what its client says comes by other requests. */
    @Override
    final void pauseReading(boolean pause) {}
}
