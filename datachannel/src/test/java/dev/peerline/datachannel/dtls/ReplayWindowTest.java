package dev.peerline.datachannel.dtls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

final class ReplayWindowTest {
    @Test
    void takesEachNumberOnceWhateverTheOrder() {
        for (long seed = 1; seed <= 50; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            ReplayWindow window = new ReplayWindow();
            Set<Long> seen = new HashSet<>();
            long highest = -1;
            long base = 0;
            for (int i = 0; i < 5_000; i++) {
                base += random.nextInt(100) == 0 ? random.nextInt(3_000) : random.nextInt(3);
                long number = Math.max(0, base - random.nextInt(1_500));
                boolean tooOld = number <= highest - ReplayWindow.SIZE;
                boolean expected = !tooOld && !seen.contains(number);
                assertEquals(expected, window.accepts(number), "seed " + seed + ", " + number);
                if (!expected) continue;
                window.add(number);
                seen.add(number);
                highest = Math.max(highest, number);
            }
        }
    }

    @Test
    void aJumpPastTheWholeWindowForgetsIt() {
        ReplayWindow window = new ReplayWindow();
        window.add(5);
        window.add(RecordHeader.MAX_SEQUENCE);
        assertFalse(window.accepts(5));
        assertFalse(window.accepts(RecordHeader.MAX_SEQUENCE));
        assertTrue(window.accepts(RecordHeader.MAX_SEQUENCE - ReplayWindow.SIZE + 1));
        assertFalse(window.accepts(RecordHeader.MAX_SEQUENCE - ReplayWindow.SIZE));
    }
}
