package dev.peerline.sdk;

import dev.peerline.fallback.link.client.SessionEvent;
import dev.peerline.fallback.link.client.TopicWay;
import dev.peerline.fallback.link.pair.Destination;
import dev.peerline.fallback.link.pair.PairEvent;
import dev.peerline.fallback.link.pair.Scope;
import dev.peerline.fallback.link.wire.EntryBody.Change;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PeerRecord;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.sdk.driver.Driver;
import dev.peerline.sdk.driver.DriverListener;
import dev.peerline.sdk.driver.Loop;
import dev.peerline.sdk.driver.Setup;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What is behind a {@link Room}: peers, listeners and sends around one driver. Where a method does
 * not say that any thread may call it, it belongs to the loop.
 */
final class RoomCore implements DriverListener {
    /** Peers that left and may still be heard from. */
    private static final int MAX_GONE = 256;

    private final Loop loop;
    private final Limits limits;
    private final Opening opening;
    private final Driver driver;
    private final Sends sends;
    private final Dispatcher dispatcher;
    private final HeldMessages held;
    private final RoomTopics topics;
    private @Nullable TopicWay way;

    final Listeners<Message> messages = new Listeners<>();
    final Listeners<PeerEvent> peerEvents = new Listeners<>();
    final Listeners<RoomState> states = new Listeners<>();
    final Listeners<Gap> gaps = new Listeners<>();
    final Listeners<PeerlineException> errors = new Listeners<>();
    final CompletableFuture<Void> left = new CompletableFuture<>();

    /** All that were heard of. */
    private final Map<Id, Peer> known = new LinkedHashMap<>();

    private final Map<Destination, Map<String, Channel>> channels = new ConcurrentHashMap<>();
    private volatile Map<String, Peer> peers = Map.of();
    private volatile @Nullable Peer me;
    private volatile RoomState state = RoomState.CONNECTING;
    private volatile @Nullable PeerlineException reason;

    RoomCore(Surroundings around, Setup setup, Limits limits, Opening opening) {
        loop = around.loop();
        this.limits = limits;
        this.opening = opening;
        driver = new Driver(loop, setup, this);
        sends = new Sends(driver, loop, around.completer(), limits, this::count);
        dispatcher = new Dispatcher(around.listeners(), limits.backlogBytes(), driver::wake);
        held = new HeldMessages(loop, dispatcher, this::tell);
        TopicWay its = Objects.requireNonNull(way, "told by the driver");
        topics = new RoomTopics(loop, its, driver::wake, dispatcher, around.completer());
        this.around = around;
    }

    private final Surroundings around;

    /**
     * Where things run.
     *
     * @param listeners null for virtual threads
     * @param completer runs what depends on futures
     * @param released called once when the room is closed
     */
    record Surroundings(
            Loop loop, @Nullable Executor listeners, Executor completer, Runnable released) {}

    /** Who waits for the room. */
    interface Opening {
        void opened();

        void failed(PeerlineException why);
    }

    /** What is known of the way to a peer. */
    record Way(long rttNanos, long queuedBytes) {
        static final Way UNKNOWN = new Way(0, 0);
    }

    void start() {
        driver.start();
    }

    // For any thread

    Topic topic(String name, String after) {
        return topics.open(name, after);
    }

    Sends sends() {
        return sends;
    }

    RoomState state() {
        return state;
    }

    @Nullable PeerlineException reason() {
        return reason;
    }

    /** Null until it has joined. */
    @Nullable Peer me() {
        return me;
    }

    Map<String, Peer> peers() {
        return peers;
    }

    Way wayTo(Id id) {
        return ask(() -> lookUp(id), Way.UNKNOWN);
    }

    /** At least one; the first says most. */
    List<Finding> findings(Id id) {
        Finding over = new Finding("CLOSED", "This peer has left the room.");
        return ask(() -> driver.findings(id), List.of(over));
    }

    private <T> T ask(Supplier<T> question, T closed) {
        if (loop.inside()) return question.get();
        if (state == RoomState.CLOSED) return closed;
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> answer.complete(question.get()));
        return answer.join();
    }

    /** All that is held for others, or of them, for tests of memory; on the loop. */
    long heldBytes() {
        return driver.heldBytes() + sends.queuedBytes();
    }

    private Way lookUp(Id id) {
        return new Way(driver.rttNanos(id), driver.waitingBytes(id));
    }

    Channel channel(String name, Destination to) {
        int length = name.codePointCount(0, name.length());
        if (length < 1 || length > 64) {
            throw PeerlineException.badArgument("channel: a name has 1 to 64 characters");
        }
        Map<String, Channel> named = channels.computeIfAbsent(to, _ -> new ConcurrentHashMap<>());
        Channel found = named.get(name);
        if (found != null) return found;
        int count = channels.values().stream().mapToInt(Map::size).sum();
        if (count >= limits.channels()) {
            throw PeerlineException.badArgument(
                    "channel: at most %d in a room".formatted(limits.channels()));
        }
        return named.computeIfAbsent(name, _ -> new Channel(name, to, this));
    }

    /** For listeners of messages, which are kept for the first. */
    Subscription listen(Listeners<Message> listeners, Consumer<? super Message> listener) {
        Subscription subscription = listeners.add(listener);
        held.listening();
        return subscription;
    }

    CompletableFuture<Void> leave() {
        loop.execute(() -> driver.leave(sends::settled));
        return left.copy();
    }

    void networkChanged() {
        loop.execute(driver::networkChanged);
    }

    void abort(PeerlineException why) {
        loop.execute(() -> driver.close(why));
    }

    // What the driver tells

    @Override
    public void opened() {
        Welcome welcome = driver.welcome();
        if (welcome == null) throw new AssertionError("opened without WELCOME");
        Peer own = know(welcome.id());
        own.name(welcome.name());
        own.state(PeerState.HERE);
        me = own;
        held.begin();
        change(RoomState.OPEN, null);
        opening.opened();
    }

    @Override
    public void state(boolean open, @Nullable PeerlineException why) {
        boolean joined = state != RoomState.CONNECTING;
        change(open ? RoomState.OPEN : joined ? RoomState.RECOVERING : RoomState.CONNECTING, why);
    }

    private void change(RoomState now, @Nullable PeerlineException why) {
        reason = why;
        if (state == now) return;
        state = now;
        dispatcher.add(() -> states.tell(now));
    }

    @Override
    public void closed(PeerlineException why) {
        sends.close(why);
        topics.close(why);
        change(RoomState.CLOSED, why);
        opening.failed(why);
        // Before it has left: who waits for that may use the identity at once.
        around.released().run();
        around.completer().execute(() -> left.complete(null));
    }

    @Override
    public void presence(Change change, PeerRecord record) {
        Id id = record.member().id();
        Peer peer = know(id);
        peer.name(record.name());
        Map<String, Peer> now = new LinkedHashMap<>(peers);
        if (change == Change.LEFT) {
            peer.state(PeerState.GONE);
            now.remove(peer.id());
            forget();
        } else {
            peer.state(record.away() ? PeerState.AWAY : PeerState.HERE);
            now.put(peer.id(), peer);
        }
        peers = Collections.unmodifiableMap(now);
        if (state == RoomState.CONNECTING) peer.begin(driver.kindOf(id));
        else moved(id, "carrier", 0, 0);
        PeerEvent event = new PeerEvent(kind(change), peer);
        // Who is there at first is in peers().
        if (me != null) dispatcher.add(() -> peerEvents.tell(event));
    }

    private static PeerEvent.Kind kind(Change change) {
        return switch (change) {
            case JOINED -> PeerEvent.Kind.JOINED;
            case AWAY -> PeerEvent.Kind.AWAY;
            case BACK -> PeerEvent.Kind.BACK;
            case LEFT -> PeerEvent.Kind.LEFT;
            case CARRIER -> throw new AssertionError("told as a move");
        };
    }

    private Peer know(Id id) {
        return known.computeIfAbsent(id, _ -> new Peer(id, "", PeerState.GONE, this));
    }

    private void forget() {
        Id oldest = null;
        int gone = 0;
        for (Peer peer : known.values()) {
            if (peer.state() != PeerState.GONE) continue;
            if (gone++ == 0) oldest = peer.key();
        }
        if (gone > MAX_GONE && oldest != null) known.remove(oldest);
    }

    @Override
    public void message(PairEvent.Message event) {
        Peer from = know(event.from());
        int bytes = event.payload().length();
        from.received(bytes);
        Data data = Data.received(event.dataType(), event.payload());
        if (!data.sound()) {
            error(
                    new PeerlineException(
                            "BAD_FRAME", "A message of " + from.id() + " is no JSON", false, ""));
            return;
        }
        boolean direct = event.scope() == Scope.PEER;
        held.add(new Message(from, data, event.channel(), direct), bytes);
    }

    /** On the dispatcher. */
    private void tell(Message message) {
        messages.tell(message);
        Peer from = message.from();
        from.messages().tell(message);
        Destination to = message.direct() ? Destination.peer(from.key()) : Destination.ROOM;
        Channel channel = channels.getOrDefault(to, Map.of()).get(message.channel());
        if (channel != null) channel.messages().tell(message);
    }

    @Override
    public void gap(PairEvent.Gap event) {
        boolean direct = event.scope() == Scope.PEER;
        Gap gap =
                new Gap(know(event.from()), event.channel(), direct, event.count(), event.reason());
        dispatcher.add(() -> gaps.tell(gap));
    }

    @Override
    public void settled(PairEvent.Settled receipt) {
        sends.settled(receipt);
    }

    @Override
    public void moved(Id id, String why, long fragments, long stalledNanos) {
        Peer peer = known.get(id);
        PathKind to = driver.kindOf(id);
        if (peer == null || peer.kind() == to) return;
        PathKind from = peer.kind();
        peer.move(to);
        Duration stalled = Duration.ofNanos(stalledNanos);
        PathChange change = new PathChange(peer, from, to, why, fragments, stalled);
        dispatcher.add(() -> peer.pathChanges().tell(change));
    }

    @Override
    public void topics(TopicWay its) {
        way = its;
    }

    @Override
    public void topical(SessionEvent.Topical event) {
        topics.take(event);
    }

    @Override
    public void error(PeerlineException error) {
        dispatcher.add(() -> errors.tell(error));
    }

    @Override
    public boolean congested() {
        return dispatcher.congested();
    }

    private void count(Destination to, int bytes) {
        Id one = to.peer();
        if (one != null) {
            Peer peer = known.get(one);
            if (peer != null) peer.sent(bytes);
            return;
        }
        for (Peer peer : peers.values()) peer.sent(bytes);
    }
}
