package dev.peerline.datachannel.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.datachannel.ice.Consent.Step;

import org.junit.jupiter.api.Test;

import java.time.Duration;

/** RFC 7675 in virtual time. */
final class ConsentTest {
    private static final long SECOND = 1_000_000_000;
    private static final double MIDDLE = 0.5;

    private final IceOptions options =
            IceOptions.defaults()
                    .withConsent(
                            Duration.ofSeconds(4), Duration.ofSeconds(7), Duration.ofSeconds(15));

    @Test
    void asksAtOnceAndThenAtEachInterval() {
        Consent consent = new Consent(options, 0);
        assertEquals(Step.ASK, consent.next(0, MIDDLE));
        assertFalse(consent.answered(SECOND / 1000, MIDDLE));
        assertEquals(4 * SECOND + SECOND / 1000, consent.deadline());
        assertEquals(Step.WAIT, consent.next(3 * SECOND, MIDDLE));
        assertEquals(Step.ASK, consent.next(consent.deadline(), MIDDLE));
    }

    /** RFC 7675 §5.1: "randomized from 0.8 to 1.2 of the basic interval". */
    @Test
    void variesTheInterval() {
        Consent consent = new Consent(options, 0);
        consent.answered(0, 0);
        assertEquals(3_200_000_000L, consent.deadline());
        consent.answered(0, 1);
        assertEquals(4_800_000_000L, consent.deadline());
    }

    @Test
    void asksAgainBeforeItDoubts() {
        Consent consent = new Consent(options, 0);
        int asked = 0;
        long now = 0;
        Step step;
        while ((step = consent.next(now, MIDDLE)) != Step.DOUBT) {
            if (step == Step.ASK) asked++;
            else now = consent.deadline();
        }
        assertEquals(7 * SECOND, now);
        assertEquals(14, asked);
    }

    @Test
    void losesConsentAfterTheTimeoutAndNotBefore() {
        Consent consent = new Consent(options, 0);
        long now = 0;
        Step step;
        int doubts = 0;
        while ((step = consent.next(now, MIDDLE)) != Step.LOST) {
            if (step == Step.DOUBT) doubts++;
            if (step == Step.WAIT) now = consent.deadline();
        }
        assertEquals(15 * SECOND, now);
        assertEquals(1, doubts);
    }

    @Test
    void aLateAnswerEndsTheDoubt() {
        Consent consent = new Consent(options, 0);
        while (consent.next(8 * SECOND, MIDDLE) != Step.DOUBT) {}
        assertTrue(consent.answered(9 * SECOND, MIDDLE));
        assertEquals(Step.WAIT, consent.next(10 * SECOND, MIDDLE));
        assertEquals(13 * SECOND, consent.deadline());
    }
}
