package dev.peerline.sdk;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.sdk.carrier.Carrier;
import dev.peerline.sdk.carrier.Carriers;
import dev.peerline.sdk.carrier.DataChannelCarrier;
import dev.peerline.sdk.carrier.PollCarrier;
import dev.peerline.sdk.carrier.SseCarrier;
import dev.peerline.sdk.carrier.WebSocketCarrier;
import dev.peerline.sdk.direct.Connector;
import dev.peerline.sdk.direct.PeerConnections;
import dev.peerline.sdk.driver.EventLoop;
import dev.peerline.sdk.driver.Loop;
import dev.peerline.sdk.driver.Setup;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;

/**
 * The way into a room, and to topics without one. All rooms of a process share one daemon thread,
 * {@code peerline-sdk}, and the threads of one {@link HttpClient}; a process whose other threads
 * have ended ends.
 */
public final class Peerline {
    private static final Loop LOOP = EventLoop.SHARED;
    private static final Executor VIRTUAL = Thread::startVirtualThread;
    private static final Networks NETWORKS = new Networks(LOOP, VIRTUAL, Networks::addresses);
    private static final WorkingCarriers WORKING = new WorkingCarriers(LOOP::nowNanos);

    /** Shorter than what proxies allow a request. */
    private static final int LONG_POLL_SECONDS = 25;

    private Peerline() {}

    /** {@link #join(URI, JoinOptions)} with the defaults. */
    public static Room join(URI url) {
        return join(url, JoinOptions.DEFAULT);
    }

    /**
     * Joins a room and waits for it.
     *
     * @param url the last segment is the room, the rest the server: {@code https://host/lobby};
     *     {@code #token=…}, as in an invite link, is the token unless the options have one
     * @throws PeerlineException what the server refused it with; {@code UNREACHABLE} after {@link
     *     JoinOptions#withPatience}; {@code ABORTED} when interrupted (the thread stays so)
     */
    public static Room join(URI url, JoinOptions options) {
        CompletableFuture<Room> joining = joinAsync(url, options);
        try {
            return joining.get();
        } catch (InterruptedException interruption) {
            joining.cancel(true);
            Thread.currentThread().interrupt();
            throw new PeerlineException(
                    "ABORTED", "The attempt to join was given up", false, "", interruption);
        } catch (ExecutionException failure) {
            throw failure(failure);
        }
    }

    /** The same without waiting; cancelling gives the attempt up. */
    public static CompletableFuture<Room> joinAsync(URI url, JoinOptions options) {
        return joinAsync(url, options, Seams.NONE);
    }

    /** For tests: what opens carriers, and what makes connections, may be changed. */
    record Seams(UnaryOperator<Carriers> carriers, UnaryOperator<Connector> connector) {
        static final Seams NONE = new Seams(UnaryOperator.identity(), UnaryOperator.identity());
    }

    static CompletableFuture<Room> joinAsync(URI url, JoinOptions options, Seams seams) {
        Joining joining = new Joining(seams);
        VIRTUAL.execute(
                () -> {
                    try {
                        joining.begin(url, options);
                    } catch (RuntimeException problem) {
                        joining.completeExceptionally(problem);
                    }
                });
        return joining;
    }

    /** {@link #topics(URI, TopicsOptions)} with the defaults. */
    public static Topics topics(URI url) {
        return topics(url, TopicsOptions.DEFAULT);
    }

    /**
     * Topics without a room: server push alone.
     *
     * @param url the server: {@code https://host}
     * @throws PeerlineException {@code BAD_ARGUMENT}
     */
    public static Topics topics(URI url, TopicsOptions options) {
        return new Topics(url, options);
    }

    private static PeerlineException failure(Throwable problem) {
        Throwable cause =
                problem instanceof ExecutionException || problem instanceof CompletionException
                        ? problem.getCause()
                        : problem;
        if (cause instanceof PeerlineException known) {
            // With the caller's stack.
            return new PeerlineException(
                    known.code(),
                    Objects.toString(known.getMessage(), ""),
                    known.retriable(),
                    known.hint(),
                    known);
        }
        return new PeerlineException("INTERNAL", String.valueOf(cause), false, "", cause);
    }

    /** An attempt to join. */
    private static final class Joining extends CompletableFuture<Room> {
        private final Seams seams;
        private volatile @Nullable RoomCore core;

        Joining(Seams seams) {
            this.seams = seams;
        }

        void begin(URI url, JoinOptions options) {
            Place place = Place.of(url);
            String token = firstToken(options, place);
            Identity identity = Objects.requireNonNullElseGet(options.identity, Identity::inMemory);
            Identity.Life life = identity.begin(place.name());
            HttpAccess client = HttpAccess.of(options.sslContext, options.proxies);
            Runnable unaware = NETWORKS.add(this::networkChanged);
            RoomCore.Surroundings around =
                    new RoomCore.Surroundings(
                            LOOP,
                            options.executor,
                            VIRTUAL,
                            () -> {
                                unaware.run();
                                life.release().run();
                                client.release().run();
                            });
            Callable<String> source = options.tokenSource;
            Setup setup =
                    new Setup(
                            new ClientSession.Identity(
                                    place.room(), life.key(), life.incarnation(), options.name),
                            token,
                            source == null ? null : () -> ask(source),
                            options.limits.pair(),
                            rungs(options.paths),
                            WORKING.of(place.base(), Networks.addresses()),
                            seams.carriers()
                                    .apply((rung, on) -> open(client.http(), place, rung, on)),
                            new Setup.Direct(
                                    options.paths,
                                    seams.connector().apply(connector(place)),
                                    options.maxDirect),
                            new SplittableRandom());
            RoomCore fresh = new RoomCore(around, setup, options.limits, new Waiting(place));
            core = fresh;
            LOOP.execute(fresh::start);
            LOOP.at(
                    LOOP.nowNanos() + options.patience.toNanos(),
                    () -> {
                        if (!isDone()) fresh.abort(unreachable(place, options.patience));
                    });
            if (isCancelled()) abort(fresh);
        }

        private void networkChanged() {
            RoomCore present = core;
            if (present != null) present.networkChanged();
        }

        private static @Nullable String firstToken(JoinOptions options, Place place) {
            Callable<String> source = options.tokenSource;
            if (source != null) return ask(source).join();
            return options.token == null ? place.token() : options.token;
        }

        private static PeerlineException unreachable(Place place, Duration patience) {
            return new PeerlineException(
                    "UNREACHABLE",
                    "No answer from %s within %d s".formatted(place.base(), patience.toSeconds()),
                    true,
                    "Is the server running, and is this its address?");
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean first = super.cancel(mayInterruptIfRunning);
            RoomCore present = core;
            if (first && present != null) abort(present);
            return first;
        }

        private static void abort(RoomCore core) {
            core.abort(
                    new PeerlineException(
                            "ABORTED", "The attempt to join was given up", false, ""));
        }

        private final class Waiting implements RoomCore.Opening {
            private final Place place;

            Waiting(Place place) {
                this.place = place;
            }

            @Override
            public void opened() {
                RoomCore joined = Objects.requireNonNull(core, "the room that was opened");
                VIRTUAL.execute(() -> complete(new Room(place.room(), joined)));
            }

            @Override
            public void failed(PeerlineException why) {
                VIRTUAL.execute(() -> completeExceptionally(why));
            }
        }
    }

    /** Where the server is on this machine, others may be, too, and nowhere else. */
    private static Connector connector(Place place) {
        return new PeerConnections(LOOP::execute, VIRTUAL, isThisMachine(place));
    }

    private static boolean isThisMachine(Place place) {
        String host = Objects.toString(URI.create(place.base()).getHost(), "");
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.startsWith("127.")
                || host.equals("[::1]");
    }

    /** What the session may run on; where none of it is allowed, signalling alone. */
    private static Set<Rung> rungs(Set<PathKind> paths) {
        Set<Rung> rungs = EnumSet.noneOf(Rung.class);
        for (PathKind kind : paths) {
            switch (kind) {
                case WEBSOCKET -> rungs.add(Rung.WEBSOCKET);
                case SSE -> rungs.add(Rung.SSE);
                case LONG_POLL -> rungs.add(Rung.LONG_POLL);
                case POLL -> rungs.add(Rung.POLL);
                case DIRECT, RELAYED -> {}
                case DATA_CHANNEL -> rungs.add(Rung.DATA_CHANNEL);
            }
        }
        return rungs.isEmpty() ? EnumSet.allOf(Rung.class) : rungs;
    }

    private static Carrier open(HttpClient http, Place place, Rung rung, Carrier.Events events) {
        return switch (rung) {
            case DATA_CHANNEL ->
                    DataChannelCarrier.open(
                            http,
                            place.link(),
                            new DataChannelCarrier.Threads(LOOP::execute, VIRTUAL),
                            isThisMachine(place),
                            events);
            case WEBSOCKET -> WebSocketCarrier.open(http, place.webSocket(), LOOP::execute, events);
            case SSE -> SseCarrier.open(http, place.link(), LOOP, events);
            case LONG_POLL -> PollCarrier.open(http, place.link(), LOOP, events, LONG_POLL_SECONDS);
            case POLL -> PollCarrier.open(http, place.link(), LOOP, events, 0);
        };
    }

    private static CompletableFuture<String> ask(Callable<String> source) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        VIRTUAL.execute(
                () -> {
                    try {
                        answer.complete(source.call());
                    } catch (Exception problem) {
                        answer.completeExceptionally(
                                new PeerlineException(
                                        "UNAUTHORIZED",
                                        "token: the function that gives one failed",
                                        true,
                                        "",
                                        problem));
                    }
                });
        return answer;
    }
}
