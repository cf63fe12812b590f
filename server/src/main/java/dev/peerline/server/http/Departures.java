package dev.peerline.server.http;

import org.xnio.ChannelListener;
import org.xnio.StreamConnection;
import org.xnio.XnioExecutor;
import org.xnio.XnioIoThread;
import org.xnio.channels.StreamSinkChannel;
import org.xnio.conduits.AbstractStreamSourceConduit;
import org.xnio.conduits.ConduitStreamSourceChannel;
import org.xnio.conduits.ReadReadyHandler;
import org.xnio.conduits.StreamSourceConduit;
import org.xnio.ssl.SslConnection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Holds back the news that clients have gone until nobody else is going. XNIO asks its selector
 * anew each time that a connection is closed, which takes the longer the more others have news: a
 * crowd that leaves at once would take a time that grows with its square, and everybody else would
 * wait. So those who have gone are put aside, where the selector does not look, and told of, and
 * closed, when nobody followed for some milliseconds. A crowd is told of on a thread of its own,
 * while their I/O thread waits: a connection that is closed on another thread than that one leaves
 * the asking to the selector's next look, one for all of them. Thread-safe.
 */
final class Departures {
    private static final int LULL_MILLIS = 5;

    /** Where somebody leaves all the time, nobody waits for longer. */
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** How long a thread that has told of a crowd waits for another one. */
    private static final long IDLE_SECONDS = 1;

    private final LongSupplier clock;
    private final Later later;

    /** There is one thread for each I/O thread at most, for that one waits for it. */
    private final Executor apart =
            new ThreadPoolExecutor(
                    0,
                    Integer.MAX_VALUE,
                    IDLE_SECONDS,
                    TimeUnit.SECONDS,
                    new SynchronousQueue<>(),
                    Thread.ofPlatform().daemon().name("http departures-", 0).factory());

    private final Map<XnioIoThread, Crowd> crowds = new ConcurrentHashMap<>();

    /** Runs a task on a thread after a while. */
    interface Later {
        void run(XnioIoThread thread, Runnable task);
    }

    Departures() {
        this(
                System::nanoTime,
                (thread, task) -> {
                    XnioExecutor.Key _ =
                            thread.executeAfter(task, LULL_MILLIS, TimeUnit.MILLISECONDS);
                });
    }

    /**
     * @param clock nanoseconds since some moment
     * @param later so much later as a lull is long
     */
    Departures(LongSupplier clock, Later later) {
        this.clock = clock;
        this.later = later;
    }

    /** A listener that passes on connections whose end is told of so. */
    ChannelListener<StreamConnection> before(ChannelListener<? super StreamConnection> next) {
        return connection -> {
            Crowd crowd = crowds.computeIfAbsent(connection.getIoThread(), Crowd::new);
            var source = connection.getSourceChannel();
            // A TLS engine is its I/O thread's alone.
            boolean bound = connection instanceof SslConnection;
            source.setConduit(new Ending(source, crowd, bound));
            next.handleEvent(connection);
        };
    }

    /** Those of one I/O thread who have gone. Used on that thread alone. */
    private final class Crowd {
        private final XnioIoThread thread;
        private List<Ending> gone = new ArrayList<>();
        private long sinceNanos;

        /** How many there were at the last look. */
        private int seen;

        Crowd(XnioIoThread thread) {
            this.thread = thread;
        }

        /** Puts one aside; false where that cannot be done here and now. */
        boolean take(Ending ending) {
            if (Thread.currentThread() != thread) return false;
            if (gone.isEmpty()) {
                sinceNanos = clock.getAsLong();
                seen = 1;
                if (!lookLater()) return false;
            }
            gone.add(ending);
            return true;
        }

        private boolean lookLater() {
            try {
                later.run(thread, this::look);
                return true;
            } catch (RejectedExecutionException _) {
                // The server is closed.
                return false;
            }
        }

        private void look() {
            boolean others = gone.size() > seen;
            boolean early = clock.getAsLong() - sinceNanos < LONGEST_NANOS;
            seen = gone.size();
            if (others && early && lookLater()) return;
            List<Ending> now = gone;
            gone = new ArrayList<>();
            // The server is going down, and XNIO closes all of them: who is told has no buffer.
            if (thread.getWorker().isShutdown()) return;
            List<Ending> free = now.stream().filter(ending -> !ending.bound).toList();
            if (free.size() < 2) {
                now.forEach(Ending::tell);
                return;
            }
            now.stream().filter(ending -> ending.bound).forEach(Ending::tell);
            // Nothing runs beside them, so what they touch is still this thread's alone.
            CompletableFuture.runAsync(() -> free.forEach(Ending::tell), apart).join();
        }
    }

    /** What is read of a connection. */
    private static final class Ending extends AbstractStreamSourceConduit<StreamSourceConduit> {
        private final Crowd crowd;

        /** To its I/O thread. */
        private final boolean bound;

        private ReadReadyHandler reader;

        /** It has ended, and nobody was told yet. */
        private boolean aside;

        private boolean told;

        /** Whether who reads wants to hear of more. XNIO forgets that at the end. */
        private boolean wanted;

        Ending(ConduitStreamSourceChannel source, Crowd crowd, boolean bound) {
            super(source.getConduit());
            this.crowd = crowd;
            this.bound = bound;
            reader = new ReadReadyHandler.ChannelListenerHandler<>(source);
            wanted = next.isReadResumed();
        }

        private interface Reading {
            long read() throws IOException;
        }

        /** What a read comes to: nothing yet, where it is the end, or a failure. */
        private long read(Reading reading) throws IOException {
            if (aside) return 0;
            try {
                long count = reading.read();
                return count < 0 && putAside() ? 0 : count;
            } catch (IOException failure) {
                if (putAside()) return 0;
                throw failure;
            }
        }

        private boolean putAside() {
            if (told || !crowd.take(this)) return false;
            told = true;
            aside = true;
            next.suspendReads();
            return true;
        }

        /** Whoever reads now reads the end again, from the socket itself. */
        private void tell() {
            aside = false;
            if (!wanted) return;
            // Called past the selector: what it has to look at again it would find at each close.
            reader.readReady();
            if (wanted && !next.isReadShutdown()) next.resumeReads();
        }

        @Override
        public void setReadReadyHandler(ReadReadyHandler handler) {
            reader = handler;
            next.setReadReadyHandler(handler);
        }

        @Override
        public int read(ByteBuffer to) throws IOException {
            return (int) read(() -> next.read(to));
        }

        @Override
        public long read(ByteBuffer[] to, int offset, int length) throws IOException {
            return read(() -> next.read(to, offset, length));
        }

        @Override
        public long transferTo(long position, long count, FileChannel to) throws IOException {
            return read(() -> next.transferTo(position, count, to));
        }

        @Override
        public long transferTo(long count, ByteBuffer through, StreamSinkChannel to)
                throws IOException {
            return read(() -> next.transferTo(count, through, to));
        }

        @Override
        public void suspendReads() {
            wanted = false;
            if (!aside) next.suspendReads();
        }

        @Override
        public void resumeReads() {
            wanted = true;
            if (!aside) next.resumeReads();
        }

        @Override
        public void wakeupReads() {
            wanted = true;
            if (!aside) next.wakeupReads();
        }

        @Override
        public boolean isReadResumed() {
            return aside ? wanted : next.isReadResumed();
        }
    }
}
