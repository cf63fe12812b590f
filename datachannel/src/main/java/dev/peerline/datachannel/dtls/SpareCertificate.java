package dev.peerline.datachannel.dtls;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One certificate that was made before anybody asked, as making one takes milliseconds that the
 * first message would wait for. The next is made when the handshake of the first is likely over.
 */
final class SpareCertificate {
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);

    /** An older one has lost too much of its life. */
    private static final Duration MAX_AGE = Duration.ofDays(1);

    private static final AtomicReference<@Nullable DtlsCertificate> READY = new AtomicReference<>();
    private static final AtomicBoolean UNDER_WAY = new AtomicBoolean();

    private SpareCertificate() {}

    /** The spare one, which nobody else gets; null when there is none. */
    static @Nullable DtlsCertificate take() {
        DtlsCertificate taken = READY.getAndSet(null);
        if (UNDER_WAY.compareAndSet(false, true)) LATER.execute(SpareCertificate::make);
        boolean old =
                taken != null
                        && taken.expires()
                                .isBefore(Instant.now().plus(DtlsCertificate.LIFE).minus(MAX_AGE));
        return old ? null : taken;
    }

    private static void make() {
        try {
            READY.set(DtlsCertificate.generate());
        } finally {
            UNDER_WAY.set(false);
        }
    }
}
