package dev.peerline.fallback.http.topics;

import io.undertow.util.HeaderMap;

import org.jspecify.annotations.Nullable;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * All readers of one I/O thread. A publisher wakes each hub at most once, however many readers
 * there are; the hub then writes to them one after another, on their own thread. It belongs to that
 * thread, but for {@link #wake} and {@link #run}.
 */
final class Hub {
    private static final System.Logger LOGGER = System.getLogger(Hub.class.getName());

    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    private static final int SWEEP_MILLIS = 100;
    private static final int READ_BYTES = 4 * 1024;

    private final TopicHandler handler;
    private final XnioIoThread thread;
    private final Map<String, Shelf> shelves = new HashMap<>();
    private final List<Reader> readers = new ArrayList<>();
    private final Queue<Shelf> woken = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean scheduled = new AtomicBoolean();
    private final Scratch frames = new Scratch();
    private final Scratch events = new Scratch();
    private final Scratch answers = new Scratch();
    private final ByteBuffer reading = ByteBuffer.allocateDirect(READ_BYTES);
    private XnioExecutor.@Nullable Key sweeping;

    /** Almost all answers to polls have the same. */
    private HeaderMap lastHeaders = new HeaderMap();

    private String date = "";
    private long dateSecond;

    /** When it began to deliver; 0 while it does not. */
    private long deliveringMillis;

    Hub(TopicHandler handler, XnioIoThread thread) {
        this.handler = handler;
        this.thread = thread;
    }

    TopicHandler handler() {
        return handler;
    }

    /** Milliseconds since some moment; unlike the time of day they never jump. */
    long nowMillis() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    /** The same for who writes: while many are written to, nobody asks the clock for each. */
    long writingMillis() {
        return deliveringMillis > 0 ? deliveringMillis : nowMillis();
    }

    /** Where what comes up is read to; nothing in it is kept. */
    ByteBuffer reading() {
        return reading;
    }

    /** Where frames for many stand while they are written. */
    Scratch frames() {
        return frames;
    }

    /** Where events for many stand while they are written. */
    Scratch events() {
        return events;
    }

    /** Where answers for many stand while they are written. */
    Scratch answers() {
        return answers;
    }

    /** The date, as HTTP writes it. */
    String date() {
        long second = TimeUnit.MILLISECONDS.toSeconds(System.currentTimeMillis());
        if (second != dateSecond) {
            dateSecond = second;
            date = DATE.format(Instant.ofEpochSecond(second));
        }
        return date;
    }

    /** The same headers, in one object for all whose are the same; nobody changes them any more. */
    HeaderMap shared(HeaderMap headers) {
        if (!SharedAnswer.same(lastHeaders, headers)) lastHeaders = headers;
        return lastHeaders;
    }

    /** Runs a task on its thread, at once if that is this one. */
    void run(Runnable task) {
        if (Thread.currentThread() == thread) task.run();
        else later(task);
    }

    /** Runs a task on its thread, once what it does now is done. */
    void later(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException _) {
            // The server is closed, and every connection with it.
        }
    }

    void add(Reader reader) {
        reader.seat = readers.size();
        readers.add(reader);
        if (sweeping == null) {
            sweeping = thread.executeAtInterval(this::sweep, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
        }
        String name = reader.place().filter().pattern().firstSegment();
        shelves.computeIfAbsent(name, _ -> new Shelf(name, this, handler.topics().log(name)))
                .add(reader);
    }

    /** It is to be given nothing more. */
    void leave(Reader reader) {
        String name = reader.place().filter().pattern().firstSegment();
        Shelf shelf = shelves.get(name);
        if (shelf == null) return;
        shelf.remove(reader);
        if (!shelf.isEmpty()) return;
        shelf.close();
        shelves.remove(name);
    }

    /** It is gone. */
    void remove(Reader reader) {
        int seat = reader.seat;
        if (seat < 0) return;
        Reader last = readers.removeLast();
        if (seat < readers.size()) {
            readers.set(seat, last);
            last.seat = seat;
        }
        reader.seat = -1;
        handler.closed(reader);
    }

    /** A log has something new for a shelf. From any thread. */
    void wake(Shelf shelf) {
        woken.add(shelf);
        if (scheduled.compareAndSet(false, true)) later(this::deliver);
    }

    private void deliver() {
        scheduled.set(false);
        deliveringMillis = Math.max(1, nowMillis());
        for (Shelf shelf = woken.poll(); shelf != null; shelf = woken.poll()) {
            try {
                shelf.deliver();
            } catch (RuntimeException | AssertionError fault) {
                // The readers go on from their own cursors with the next message.
                LOGGER.log(System.Logger.Level.ERROR, "event=delivery-failed", fault);
            }
        }
        deliveringMillis = 0;
    }

    private void sweep() {
        long now = nowMillis();
        each(reader -> reader.sweep(now));
    }

    /** Backwards: whoever leaves is replaced by the last, which has been here already. */
    private void each(Consumer<Reader> task) {
        for (int i = readers.size() - 1; i >= 0; i--) {
            if (i < readers.size()) task.accept(readers.get(i));
        }
    }

    /** Sends all of them away, one after another within the time. */
    void drain(long spreadMillis) {
        long now = nowMillis();
        int count = readers.size();
        int i = 0;
        for (Reader reader : readers) reader.endAt(now + spreadMillis * i++ / count);
    }

    /** Closes all of them at once. */
    void close() {
        if (sweeping != null) sweeping.remove();
        each(Reader::abort);
    }
}
