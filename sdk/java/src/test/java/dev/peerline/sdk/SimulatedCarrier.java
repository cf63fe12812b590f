package dev.peerline.sdk;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.CarrierKind;
import dev.peerline.sdk.carrier.Carrier;

import org.jspecify.annotations.Nullable;

/**
 * A carrier in virtual time. Streams are in order, with a delay, and die with what is under way, in
 * one direction or both, told or not. Requests are lost, and so are answers; POSTs come twice.
 */
final class SimulatedCarrier implements Carrier {
    private static final long LONG_POLL_NANOS = 25_000 * VirtualLoop.MS;
    private static final long POLL_NANOS = 250 * VirtualLoop.MS;
    private static final long TIMEOUT_NANOS = 3_000 * VirtualLoop.MS;
    private static final long RETRY_NANOS = 200 * VirtualLoop.MS;
    private static final long PAUSE_NANOS = 20 * VirtualLoop.MS;
    private static final int MAX_TRIES = 3;

    private final VirtualLoop loop;
    private final SimulatedServer server;
    private final Weather weather;
    private final Rung rung;
    private final Events events;

    private SimulatedServer.@Nullable Reading reading;
    private long upAt;
    private long downAt;

    /** Swallow what goes this way. */
    boolean deafUp;

    boolean deafDown;

    private boolean posting;
    private int tries;
    private int request;
    private boolean ended;

    SimulatedCarrier(
            VirtualLoop loop, SimulatedServer server, Weather weather, Rung rung, Events events) {
        this.loop = loop;
        this.server = server;
        this.weather = weather;
        this.rung = rung;
        this.events = events;
        // A handshake.
        loop.after(rung.isDuplex() ? 2 * weather.delay() : 0, this::begin);
    }

    private void begin() {
        if (ended || weather.blocked.contains(rung)) return;
        ask();
        if (rung.isDuplex()) events.opened();
    }

    /** Greets by a way down; a poll does it again and again. */
    private void ask() {
        if (ended) return;
        if (request > 0 && events.paused()) {
            loop.after(PAUSE_NANOS, this::ask);
            return;
        }
        Bytes greeting = events.greeting();
        weather.wireBytes += greeting.length();
        boolean once = rung == Rung.POLL || rung == Rung.LONG_POLL;
        int number = ++request;
        boolean lost = deafUp || (once && weather.loses());
        if (!lost) up(() -> arrive(greeting, once, number));
        if (!once) return;
        long patience = TIMEOUT_NANOS + (rung == Rung.LONG_POLL ? LONG_POLL_NANOS : 0);
        loop.after(patience, () -> timeOut(number));
    }

    private void timeOut(int number) {
        if (!ended && number == request) fail(CarrierEnd.LOST);
    }

    private void arrive(Bytes greeting, boolean once, int number) {
        Answer answer = new Answer(once, number);
        SimulatedServer.Reading fresh =
                server.greet(CarrierKind.valueOf(rung.name()), greeting, once, answer);
        reading = fresh;
        if (rung == Rung.POLL) loop.execute(() -> fresh.finish(1000));
        if (rung == Rung.LONG_POLL) loop.after(LONG_POLL_NANOS, () -> fresh.finish(1000));
    }

    private void up(Runnable arrival) {
        upAt = Math.max(upAt, loop.nowNanos() + weather.delay());
        loop.at(
                upAt,
                () -> {
                    if (!deafUp) arrival.run();
                });
    }

    private void down(Runnable arrival) {
        downAt = Math.max(downAt, loop.nowNanos() + weather.delay());
        loop.at(
                downAt,
                () -> {
                    if (!ended && !deafDown) arrival.run();
                });
    }

    /** What the server says to one request. */
    private final class Answer implements SimulatedServer.Client {
        private final boolean once;
        private final int number;

        Answer(boolean once, int number) {
            this.once = once;
            this.number = number;
        }

        @Override
        public void packet(Bytes packet) {
            weather.wireBytes += packet.length();
            if (once && weather.loses()) {
                deaf = true;
                return;
            }
            empty = false;
            down(() -> events.packet(packet));
        }

        private boolean empty = true;

        /** The answer was lost on its way. */
        private boolean deaf;

        @Override
        public void ended(int code) {
            if (deaf) return;
            if (once && code == 1000) {
                down(() -> answered(number, empty));
            } else {
                down(() -> fail(code == 4000 ? CarrierEnd.OVERTAKEN : CarrierEnd.LOST));
            }
        }
    }

    private void answered(int number, boolean empty) {
        if (ended || number != request) return;
        if (empty) events.packet(Bytes.EMPTY);
        if (ended) return;
        request++;
        if (rung == Rung.LONG_POLL) loop.execute(this::ask);
        else loop.after(POLL_NANOS, this::ask);
    }

    /** The connection breaks; each side hears of it when it does, or not. */
    void cut(boolean told) {
        deafUp = true;
        deafDown = true;
        SimulatedServer.Reading at = reading;
        if (at != null) loop.after(weather.delay(), () -> at.finish(1006));
        if (told) loop.after(weather.delay(), () -> fail(CarrierEnd.LOST));
    }

    private void fail(CarrierEnd end) {
        if (ended) return;
        close();
        events.closed(end, 1006, "simulated");
    }

    @Override
    public ClientSession.Way way() {
        return switch (rung) {
            case DATA_CHANNEL, WEBSOCKET -> ClientSession.Way.SOCKET;
            case SSE -> ClientSession.Way.STREAM;
            case LONG_POLL, POLL -> ClientSession.Way.REQUESTS;
        };
    }

    @Override
    public boolean ready() {
        return !posting;
    }

    @Override
    public long bufferedBytes() {
        return 0;
    }

    @Override
    public void send(Bytes packet) {
        weather.wireBytes += packet.length();
        if (rung.isDuplex()) {
            up(
                    () -> {
                        if (reading != null) reading.receive(packet);
                    });
            return;
        }
        posting = true;
        tries = 0;
        post(packet);
    }

    private void post(Bytes packet) {
        if (ended) return;
        tries++;
        boolean lost = deafUp || weather.loses();
        if (!lost) loop.after(weather.delay(), () -> posted(packet, true));
        if (!lost && weather.doubles()) loop.after(weather.delay(), () -> posted(packet, false));
        if (lost) loop.after(weather.delay() * 3, () -> postFailed(packet));
    }

    /** At the server. */
    private void posted(Bytes packet, boolean first) {
        SimulatedServer.Posted answer = server.post(packet);
        if (!first) return;
        weather.wireBytes += answer.packet().length();
        boolean lost = deafDown || weather.loses();
        loop.after(
                weather.delay(),
                () -> {
                    if (lost) postFailed(packet);
                    else postDone(answer);
                });
    }

    private void postDone(SimulatedServer.Posted answer) {
        if (ended) return;
        posting = false;
        if (!answer.taken()) {
            events.packet(answer.packet());
            fail(CarrierEnd.LOST);
            return;
        }
        events.posted(answer.packet());
        if (!ended) events.changed();
    }

    private void postFailed(Bytes packet) {
        if (ended) return;
        if (tries >= MAX_TRIES) fail(CarrierEnd.LOST);
        else loop.after(RETRY_NANOS, () -> post(packet));
    }

    Rung rung() {
        return rung;
    }

    boolean ended() {
        return ended;
    }

    @Override
    public void close() {
        if (ended) return;
        ended = true;
        SimulatedServer.Reading at = reading;
        if (at != null && !deafUp) loop.after(weather.delay(), () -> at.finish(1000));
    }
}
