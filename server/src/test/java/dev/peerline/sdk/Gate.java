package dev.peerline.sdk;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.CarrierEnd;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.carrier.Carrier;
import dev.peerline.sdk.carrier.Carriers;
import dev.peerline.sdk.driver.EventLoop;

import org.jspecify.annotations.Nullable;

import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/** Between a peer and its carriers: lets some kinds through, and ends or deafens the others. */
public final class Gate {
    private static final Set<PathKind> THROUGH_SERVER =
            EnumSet.range(PathKind.DATA_CHANNEL, PathKind.POLL);

    private final Set<Rung> open = EnumSet.noneOf(Rung.class);
    private final List<Gated> present = new ArrayList<>();
    private final Map<Rung, CompletableFuture<Boolean>> waiting = new EnumMap<>(Rung.class);
    private @Nullable Room room;

    /** Joins through a gate that lets one kind through. */
    public static Gate join(URI url, String name, Rung first) throws Exception {
        Gate gate = new Gate();
        gate.open.add(first);
        gate.room =
                Peerline.joinAsync(
                                url,
                                JoinOptions.named(name).withPaths(THROUGH_SERVER),
                                new Peerline.Seams(gate::guard, UnaryOperator.identity()))
                        .get(60, TimeUnit.SECONDS);
        return gate;
    }

    /**
     * Joins through a gate that lets one kind through, and direct paths beside it.
     *
     * @param cable what direct paths go through
     */
    public static Gate join(URI url, JoinOptions options, Rung first, Cable cable)
            throws Exception {
        Gate gate = new Gate();
        gate.open.add(first);
        gate.room =
                Peerline.joinAsync(url, options, new Peerline.Seams(gate::guard, cable::guard))
                        .get(60, TimeUnit.SECONDS);
        return gate;
    }

    public Room room() {
        if (room == null) throw new AssertionError("not joined");
        return room;
    }

    /**
     * From now on only this kind passes.
     *
     * @param silently the others are never heard of again; else they end
     */
    public void only(Rung kind, boolean silently) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        EventLoop.SHARED.execute(
                () -> {
                    open.clear();
                    open.add(kind);
                    for (Gated each : List.copyOf(present)) each.judge(silently);
                    done.complete(true);
                });
        done.get(60, TimeUnit.SECONDS);
    }

    /** From now on this kind passes, too. */
    public void also(Rung kind) throws Exception {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        EventLoop.SHARED.execute(
                () -> {
                    open.add(kind);
                    done.complete(true);
                });
        done.get(60, TimeUnit.SECONDS);
    }

    /** Waits until the server speaks on a carrier of this kind. */
    public void hears(Rung kind) throws Exception {
        CompletableFuture<Boolean> heard = new CompletableFuture<>();
        EventLoop.SHARED.execute(
                () -> {
                    boolean speaks =
                            present.stream().anyMatch(each -> each.rung == kind && each.heard);
                    if (speaks) heard.complete(true);
                    else waiting.put(kind, heard);
                });
        heard.get(60, TimeUnit.SECONDS);
    }

    private Carriers guard(Carriers carriers) {
        return (rung, events) -> {
            Gated gated = new Gated(rung, events);
            if (open.contains(rung)) {
                present.add(gated);
                gated.on = carriers.open(rung, gated);
            } else {
                EventLoop.SHARED.execute(() -> gated.end("the gate is closed"));
            }
            return gated;
        };
    }

    private final class Gated implements Carrier, Carrier.Events {
        private final Rung rung;
        private final Carrier.Events events;
        private @Nullable Carrier on;
        private boolean dead;
        private boolean heard;

        Gated(Rung rung, Carrier.Events events) {
            this.rung = rung;
            this.events = events;
        }

        void judge(boolean silently) {
            if (open.contains(rung)) return;
            if (on != null) on.close();
            if (silently) dead = true;
            else end("the gate was closed");
        }

        void end(String why) {
            if (dead) return;
            dead = true;
            present.remove(this);
            events.closed(CarrierEnd.LOST, 1006, why);
        }

        @Override
        public ClientSession.Way way() {
            return on == null ? ClientSession.Way.SOCKET : on.way();
        }

        @Override
        public boolean ready() {
            return dead || (on != null && on.ready());
        }

        @Override
        public long bufferedBytes() {
            return dead || on == null ? 0 : on.bufferedBytes();
        }

        @Override
        public void send(Bytes packet) {
            if (!dead && on != null) on.send(packet);
        }

        @Override
        public void close() {
            dead = true;
            present.remove(this);
            if (on != null) on.close();
        }

        @Override
        public Bytes greeting() {
            return events.greeting();
        }

        @Override
        public Bytes proof() {
            return events.proof();
        }

        @Override
        public void refused(Bytes packet) {
            if (!dead) events.refused(packet);
        }

        @Override
        public void doubted() {
            if (!dead) events.doubted();
        }

        @Override
        public void opened() {
            if (!dead) events.opened();
        }

        @Override
        public void packet(Bytes packet) {
            if (dead) return;
            heard = true;
            CompletableFuture<Boolean> waiter = waiting.remove(rung);
            if (waiter != null) waiter.complete(true);
            events.packet(packet);
        }

        @Override
        public void changed() {
            if (!dead) events.changed();
        }

        @Override
        public void posted(Bytes answer) {
            if (!dead) events.posted(answer);
        }

        @Override
        public boolean paused() {
            return events.paused();
        }

        @Override
        public boolean expecting() {
            return events.expecting();
        }

        @Override
        public void closed(CarrierEnd end, int code, String reason) {
            if (dead) return;
            dead = true;
            present.remove(this);
            events.closed(end, code, reason);
        }
    }
}
