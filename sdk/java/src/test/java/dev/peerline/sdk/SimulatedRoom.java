package dev.peerline.sdk;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.sdk.driver.CarrierMemory;
import dev.peerline.sdk.driver.Setup;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/** A whole peer of the SDK in virtual time: the same as {@link Peerline} makes, on another loop. */
final class SimulatedRoom {
    private static final int KEY_BYTES = 32;

    final Weather weather;
    final RoomCore core;
    final List<SimulatedCarrier> carriers = new ArrayList<>();

    /** What it was handed: texts, by channel and whether it was for it alone. */
    final List<Message> heard = new ArrayList<>();

    final List<Gap> gaps = new ArrayList<>();
    private @Nullable PeerlineException failed;

    SimulatedRoom(
            String name,
            long incarnation,
            VirtualLoop loop,
            SimulatedServer server,
            SplittableRandom random,
            Set<Rung> rungs) {
        this(name, incarnation, loop, server, random, rungs, CarrierMemory.NONE);
    }

    SimulatedRoom(
            String name,
            long incarnation,
            VirtualLoop loop,
            SimulatedServer server,
            SplittableRandom random,
            Set<Rung> rungs,
            CarrierMemory memory) {
        weather = new Weather(random.split());
        byte[] key = new byte[KEY_BYTES];
        key[0] = (byte) name.charAt(0);
        Setup setup =
                new Setup(
                        new ClientSession.Identity("room", Bytes.of(key), incarnation, name),
                        null,
                        null,
                        Limits.DEFAULT.pair(),
                        rungs,
                        memory,
                        (rung, events) -> {
                            SimulatedCarrier carrier =
                                    new SimulatedCarrier(loop, server, weather, rung, events);
                            carriers.removeIf(SimulatedCarrier::ended);
                            carriers.add(carrier);
                            return carrier;
                        },
                        new Setup.Direct(EnumSet.allOf(PathKind.class), null, 0),
                        random.split());
        core =
                new RoomCore(
                        new RoomCore.Surroundings(loop, Runnable::run, Runnable::run, () -> {}),
                        setup,
                        Limits.DEFAULT,
                        new RoomCore.Opening() {
                            @Override
                            public void opened() {}

                            @Override
                            public void failed(PeerlineException why) {
                                failed = why;
                            }
                        });
        var _ = core.listen(core.messages, heard::add);
        var _ = core.gaps.add(gaps::add);
        core.start();
    }

    /** Why it was closed; null when it was not. */
    @Nullable PeerlineException failed() {
        return failed;
    }
}
