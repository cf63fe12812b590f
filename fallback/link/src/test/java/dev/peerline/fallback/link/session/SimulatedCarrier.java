package dev.peerline.fallback.link.session;

import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;

import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * A carrier in virtual time. It keeps order, is slow, and dies when it likes: each way for itself,
 * so that it may be half dead for a while, and what is under way then is lost.
 */
final class SimulatedCarrier {
    private final Timeline time;
    private final SplittableRandom random;
    private final boolean doubles;
    private final Way up = new Way();
    private final Way down = new Way();

    private @Nullable DownReader reader;

    private static final class Way {
        private long diesAt = Long.MAX_VALUE;
        private long lastArrival;
    }

    /**
     * @param doubles whether packets up may arrive twice, as a POST that is tried again
     */
    SimulatedCarrier(Timeline time, SplittableRandom random, boolean doubles) {
        this.time = time;
        this.random = random;
        this.doubles = doubles;
    }

    /** What the server reads for this carrier, once it is welcome. */
    DownReader reader() {
        return Objects.requireNonNull(reader);
    }

    void welcome(DownReader itsReader) {
        reader = itsReader;
    }

    boolean welcomed() {
        return reader != null;
    }

    /** From some moment soon on, nothing arrives; the other way maybe a little longer. */
    void die() {
        up.diesAt = Math.min(up.diesAt, time.now() + random.nextInt(200));
        down.diesAt = Math.min(down.diesAt, time.now() + random.nextInt(200));
    }

    void up(Bytes packet, Consumer<Bytes> server) {
        send(up, packet, server);
        if (doubles && random.nextInt(3) == 0) send(up, packet, server);
    }

    void down(Bytes packet, Consumer<Bytes> client) {
        send(down, packet, client);
    }

    private void send(Way way, Bytes packet, Consumer<Bytes> receiver) {
        int delay = random.nextInt(10) == 0 ? random.nextInt(500) : random.nextInt(30);
        long arrival = Math.max(way.lastArrival, time.now() + delay);
        way.lastArrival = arrival;
        time.at(
                arrival,
                () -> {
                    if (time.now() < way.diesAt) receiver.accept(packet);
                });
    }
}
