package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.pair.Endpoint;
import dev.peerline.fallback.link.wire.Id;
import dev.peerline.fallback.link.wire.PeerRecord;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** The last steps of a peer that leaves for good. Runs on the loop. */
final class Leaving {
    /** How long what was sent may take to arrive, and the last bytes. */
    private static final long DRAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private static final long FLUSH_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long TICK_NANOS = Duration.ofMillis(20).toNanos();

    private final Loop loop;
    private final Ways ways;
    private final Runnable pump;
    private final Runnable end;
    private final BooleanSupplier over;

    /**
     * Where messages go.
     *
     * @param carried whether they may go through the server
     */
    record Ways(
            ClientSession session,
            Endpoint endpoint,
            Uplink uplink,
            Members members,
            boolean carried) {}

    /**
     * Prepares to leave.
     *
     * @param pump drains all outputs
     * @param end closes everything
     * @param over whether that has happened
     */
    Leaving(Loop loop, Ways ways, Runnable pump, Runnable end, BooleanSupplier over) {
        this.loop = loop;
        this.ways = ways;
        this.pump = pump;
        this.end = end;
        this.over = over;
    }

    /**
     * Says goodbye when what was sent is delivered or with the server, and then ends.
     *
     * @param settled whether nothing waits for a receipt
     */
    void begin(BooleanSupplier settled) {
        until(
                () -> settled.getAsBoolean() || drained(),
                loop.nowNanos() + DRAIN_NANOS,
                () -> {
                    ways.session().bye(0);
                    pump.run();
                    until(
                            () -> ways.uplink().bufferedBytes() == 0,
                            loop.nowNanos() + FLUSH_NANOS,
                            end);
                });
    }

    /** Whether everything that was sent is in others' hands, or the server's. */
    private boolean drained() {
        if (ways.session().upBytes() > 0 || ways.uplink().bufferedBytes() > 0) return false;
        long soon = loop.nowNanos() + 1;
        for (PeerRecord peer : ways.members().peers()) {
            if (peer.away()) continue;
            Id id = peer.member().id();
            if (ways.endpoint().silentForNanos(id, soon) > 0) return false;
            // It waits for a direct path: the server is not given it.
            if (!ways.carried() && ways.endpoint().waitingBytes(id) > 0) return false;
        }
        return true;
    }

    private void until(BooleanSupplier done, long latest, Runnable then) {
        long now = loop.nowNanos();
        if (over.getAsBoolean()) return;
        if (done.getAsBoolean() || now >= latest) then.run();
        else loop.at(now + TICK_NANOS, () -> until(done, latest, then));
    }
}
