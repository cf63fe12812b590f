package dev.peerline.datachannel.dtls;

import java.time.Duration;

/**
 * How long a handshake waits.
 *
 * @param handshake until it is given up
 * @param resend until a flight is sent again for the first time; doubled each time
 */
public record DtlsTimeouts(Duration handshake, Duration resend) {
    public DtlsTimeouts {
        if (handshake.toMillis() < 1 || handshake.compareTo(Duration.ofHours(1)) > 0)
            throw new IllegalArgumentException("handshake must be 1 ms to 1 h: " + handshake);
        if (resend.toMillis() < 1 || resend.compareTo(handshake) > 0)
            throw new IllegalArgumentException("resend must be 1 ms to handshake: " + resend);
    }

    /**
     * RFC 6347 §4.2.4.1 begins with a second, for paths of which nothing is known; ICE has just
     * shown that this one answers, so 200 ms, which 30 s double seven times.
     */
    public static DtlsTimeouts defaults() {
        return new DtlsTimeouts(Duration.ofSeconds(30), Duration.ofMillis(200));
    }

    int handshakeMillis() {
        return (int) handshake.toMillis();
    }

    int resendMillis() {
        return (int) resend.toMillis();
    }
}
