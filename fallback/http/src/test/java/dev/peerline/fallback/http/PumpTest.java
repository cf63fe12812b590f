package dev.peerline.fallback.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertIterableEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Bytes;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

final class PumpTest {
    /** Writes when it is told to, or at once. */
    private static class FakePipe implements Pump.Pipe {
        final Pump pump = new Pump(this, Runnable::run);
        final Queue<Bytes> queue = new ConcurrentLinkedQueue<>();
        final List<Bytes> written = Collections.synchronizedList(new ArrayList<>());

        @Override
        public @Nullable Bytes next() {
            return queue.poll();
        }

        @Override
        public void write(Bytes packet) {
            written.add(packet);
        }
    }

    private static Bytes packet(int number) {
        return Bytes.utf8("p" + number);
    }

    @Test
    void theNextPacketIsAskedForWhenTheOneBeforeItHasLeft() {
        FakePipe pipe = new FakePipe();
        for (int i = 0; i < 3; i++) pipe.queue.add(packet(i));
        pipe.pump.wake();
        pipe.pump.wake();
        assertEquals(List.of(packet(0)), pipe.written);
        pipe.pump.written();
        assertEquals(List.of(packet(0), packet(1)), pipe.written);
        pipe.pump.written();
        pipe.pump.written();
        assertEquals(3, pipe.written.size());
        pipe.queue.add(packet(3));
        assertEquals(3, pipe.written.size());
        pipe.pump.wake();
        assertEquals(packet(3), pipe.written.getLast());
    }

    @Test
    void aPipeThatWritesAtOnceDoesNotNest() {
        FakePipe pipe =
                new FakePipe() {
                    private int depth;

                    @Override
                    public void write(Bytes packet) {
                        depth++;
                        assertEquals(1, depth, "one packet at a time, and no recursion");
                        super.write(packet);
                        pump.written();
                        depth--;
                    }
                };
        for (int i = 0; i < 100_000; i++) pipe.queue.add(packet(i));
        pipe.pump.wake();
        assertEquals(100_000, pipe.written.size());
    }

    @Test
    @Timeout(30)
    void nothingIsForgottenOrWrittenTwiceAtOnceWhenManyWakeIt() throws InterruptedException {
        int wakers = 4;
        int each = 20_000;
        AtomicInteger writing = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(wakers * each);
        try (ExecutorService executor = Executors.newFixedThreadPool(wakers + 1)) {
            FakePipe pipe =
                    new FakePipe() {
                        private final SplittableRandom random = new SplittableRandom(1);

                        @Override
                        public void write(Bytes packet) {
                            if (writing.incrementAndGet() > 1) overlaps.incrementAndGet();
                            super.write(packet);
                            if (random.nextBoolean()) done();
                            else executor.execute(this::done);
                        }

                        private void done() {
                            writing.decrementAndGet();
                            all.countDown();
                            pump.written();
                        }
                    };
            for (int w = 0; w < wakers; w++) {
                executor.execute(
                        () -> {
                            for (int i = 0; i < each; i++) {
                                pipe.queue.add(packet(i));
                                pipe.pump.wake();
                            }
                        });
            }
            all.await();
            assertEquals(0, overlaps.get());
            assertEquals(wakers * each, pipe.written.size());
        }
    }

    @Test
    void orderIsThatOfTheSource() {
        FakePipe pipe = new FakePipe();
        List<Bytes> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            expected.add(packet(i));
            pipe.queue.add(packet(i));
            pipe.pump.wake();
            if (i % 3 == 0) pipe.pump.written();
        }
        while (pipe.written.size() < 100) pipe.pump.written();
        assertIterableEquals(expected, pipe.written);
        assertTrue(pipe.queue.isEmpty());
    }
}
