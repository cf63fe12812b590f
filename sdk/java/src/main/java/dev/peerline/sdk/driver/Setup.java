package dev.peerline.sdk.driver;

import dev.peerline.fallback.link.client.ClientSession;
import dev.peerline.fallback.link.ladder.Rung;
import dev.peerline.fallback.link.pair.PairLimits;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.carrier.Carriers;
import dev.peerline.sdk.direct.Connector;

import org.jspecify.annotations.Nullable;

import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a driver works with.
 *
 * @param token the first one; null for none
 * @param renew asks the application for another; null where it cannot give one
 * @param rungs kinds of carriers that the session may run on
 * @param memory what worked when this network was used last
 * @param random for waits between attempts
 */
public record Setup(
        ClientSession.Identity identity,
        @Nullable String token,
        @Nullable Supplier<CompletionStage<String>> renew,
        PairLimits limits,
        Set<Rung> rungs,
        CarrierMemory memory,
        Carriers carriers,
        Direct direct,
        RandomGenerator random) {

    /**
     * Direct paths.
     *
     * @param kinds all that messages may take; none of the session's: that is for signals alone
     * @param connector makes connections; null: there are no direct paths here
     * @param most connections at a time
     */
    public record Direct(Set<PathKind> kinds, @Nullable Connector connector, int most) {
        /** Whether messages may go through the server. */
        boolean carries() {
            return kinds.stream().anyMatch(PathKind::throughServer);
        }

        boolean wanted() {
            boolean any = kinds.contains(PathKind.DIRECT) || kinds.contains(PathKind.RELAYED);
            return any && connector != null && most > 0;
        }
    }
}
