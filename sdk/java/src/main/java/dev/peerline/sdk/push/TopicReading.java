package dev.peerline.sdk.push;

import com.google.gson.JsonObject;

import dev.peerline.fallback.link.topic.CursorText;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.Cursor;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.push.ReadingWays.Way;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/**
 * Reads one topic or pattern for as long as it is wanted, on whatever way works, and goes on from
 * the last message that it told. Runs on a thread of its own, which waits; interrupting it ends it.
 */
public final class TopicReading implements Runnable {
    /** Server and reader are told apart from what is between them by how long they take. */
    public record Patience(
            Duration proof, Duration silence, Duration pollWait, Duration pollEvery) {
        /**
         * A stream shows itself at once, and its heart beats every 25 s; long polls are shorter
         * than what proxies allow.
         */
        public static final Patience DEFAULT =
                new Patience(
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(25),
                        Duration.ofSeconds(2));
    }

    /** A stream that lived so long was worth its while. */
    private static final long SOUND_NANOS = Duration.ofSeconds(10).toNanos();

    private final TopicRequests requests;
    private final String name;
    private final Listener listener;
    private final Patience patience;
    private final ReadingWays ways = new ReadingWays();
    private final Backoff backoff = new Backoff(new SplittableRandom());

    /** What the next request asks for; null for from now on. */
    private @Nullable String after;

    /** Who is told, on the thread that reads. */
    public interface Listener {
        /** Reading begins after this. */
        void begun(Cursor cursor);

        void message(Cursor id, Told message);

        /**
         * Something is missing.
         *
         * @param next reading goes on after it
         */
        void gap(Missed gap, Cursor next);

        /** It is tried again. */
        void trouble(PeerlineException why);

        /** It is over. */
        void ended(PeerlineException why);

        /** Waits while there is no room for more. */
        void awaitRoom() throws InterruptedException;
    }

    /** A message as the server tells it; the topic is empty for the one that is read. */
    public record Told(String topic, long timeMillis, String type, Bytes body) {}

    /** A gap as the server tells it (docs/protocol.md, section 7). */
    public record Missed(String after, String oldest, String reason) {}

    /**
     * @param after {@code 0}, a cursor, or null for from now on
     */
    public TopicReading(
            TopicRequests requests,
            String name,
            @Nullable String after,
            Listener listener,
            Patience patience) {
        this.requests = requests;
        this.name = name;
        this.after = after;
        this.listener = listener;
        this.patience = patience;
    }

    @Override
    public void run() {
        try {
            while (true) {
                listener.awaitRoom();
                try {
                    turn();
                } catch (RequestFailure failure) {
                    if (!goesOn(failure)) return;
                }
            }
        } catch (InterruptedException _) {
            // Nobody wants it any more.
        } catch (RuntimeException fault) {
            listener.ended(
                    new PeerlineException("INTERNAL", String.valueOf(fault), false, "", fault));
        }
    }

    private void turn() throws RequestFailure, InterruptedException {
        String from = after;
        if (from == null) {
            // Where reading begins is asked first: what comes before a stream is open is not missed
            poll("now", Duration.ZERO);
            return;
        }
        Way way = ways.way(System.nanoTime());
        switch (way) {
            case STREAM -> stream(from);
            case LONG_POLL -> longPoll(from);
            case POLL -> {
                if (!poll(from, Duration.ZERO)) sleep(patience.pollEvery());
            }
        }
    }

    /** Whether it is tried again. */
    private boolean goesOn(RequestFailure failure) throws InterruptedException {
        PeerlineException why = failure.why();
        if (requests.mends(why)) {
            requests.forgetToken();
            // Once at once: the token was good until now.
            if (backoff.failures() == 0) {
                backoff.next(Duration.ZERO);
                return true;
            }
            why = endedAlready(why);
        } else if (!why.retriable()) {
            listener.ended(why);
            return false;
        }
        listener.trouble(why);
        sleep(backoff.next(failure.retryAfter()));
        return true;
    }

    private static PeerlineException endedAlready(PeerlineException why) {
        return new PeerlineException(
                why.code(),
                String.valueOf(why.getMessage()),
                true,
                "The function that gives tokens gave one that had ended",
                why);
    }

    private static void sleep(Duration time) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
    }

    // Polls

    private void longPoll(String from) throws RequestFailure, InterruptedException {
        try {
            poll(from, patience.pollWait());
            ways.proved(Way.LONG_POLL);
        } catch (RequestFailure failure) {
            if (failure.kind() == RequestFailure.Kind.LOST) {
                ways.dumb(Way.LONG_POLL, System.nanoTime());
            }
            throw failure;
        }
    }

    /** Whether there was anything. */
    private boolean poll(String from, Duration wait) throws RequestFailure, InterruptedException {
        ServerJson.Page page = requests.poll(name, from, wait);
        backoff.reset();
        ServerJson.GapAt gap = page.gap();
        if (gap != null) tell(gap);
        page.items().forEach(this::tell);
        listener.begun(page.next());
        after = CursorText.of(page.next());
        return !page.items().isEmpty();
    }

    // Streams

    private void stream(String from) throws RequestFailure, InterruptedException {
        long began = System.nanoTime();
        boolean heard = false;
        Pulled body = null;
        try {
            body = requests.stream(name, from, patience.proof());
            EventParser parser = new EventParser();
            Duration limit = patience.proof();
            for (List<ByteBuffer> parts; (parts = body.next(limit)) != null; ) {
                heard = true;
                ways.proved(Way.STREAM);
                limit = patience.silence();
                for (ByteBuffer part : parts) take(parser.take(part));
                listener.awaitRoom();
            }
        } catch (IOException _) {
            // It broke, or was silent: the next goes on where it was.
        } catch (RequestFailure failure) {
            // What could not be opened, though something is there, may be kept from us
            if (failure.kind() != RequestFailure.Kind.LOST) throw failure;
        } finally {
            if (body != null) body.cancel();
            if (heard && System.nanoTime() - began > SOUND_NANOS) backoff.reset();
        }
        if (!heard) ways.dumb(Way.STREAM, System.nanoTime());
        sleep(backoff.next(Duration.ZERO));
    }

    private void take(@Nullable List<EventParser.Event> events) throws RequestFailure, IOException {
        if (events == null) throw new IOException("an event of more than 4 MiB");
        for (EventParser.Event event : events) {
            JsonObject told = ServerJson.object(event.data());
            if (told == null) throw new IOException("an event that is not of this server");
            backoff.reset();
            switch (event.type()) {
                case "problem" -> throw TopicRequests.refused(told);
                case "gap" -> tell(ServerJson.gap(told, ServerJson.cursor(event.id())));
                case "" -> tell(ServerJson.item(told, name));
                default -> {
                    // Of a later version.
                }
            }
        }
    }

    private void tell(ServerJson.GapAt gap) {
        listener.gap(gap.gap(), gap.next());
        after = CursorText.of(gap.next());
    }

    private void tell(ServerJson.Item item) {
        listener.message(item.id(), item.message());
        after = CursorText.of(item.id());
    }
}
