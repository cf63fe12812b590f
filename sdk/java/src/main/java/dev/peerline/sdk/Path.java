package dev.peerline.sdk;

import java.time.Duration;
import java.time.Instant;

/**
 * The way to a peer: the lower rung of both ends, equal at both.
 *
 * @param roundTrip smoothed; zero when it is not known yet
 * @param since when the kind last changed
 * @param queuedBytes sent by the application and not acknowledged by the peer
 */
public record Path(PathKind kind, Duration roundTrip, Instant since, long queuedBytes) {}
