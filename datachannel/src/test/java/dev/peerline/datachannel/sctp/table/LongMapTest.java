package dev.peerline.datachannel.sctp.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

final class LongMapTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void doesWhatHashMapDoes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<Long, String> expected = new HashMap<>();
        LongMap<String> map = new LongMap<>();
        for (int i = 0; i < 20_000; i++) {
            long key = random.nextLong(300) - 50;
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    expected.put(key, "v" + i);
                    map.put(key, "v" + i);
                }
                case 2, 3 -> assertEquals(expected.remove(key), map.remove(key));
                default -> assertEquals(expected.get(key), map.get(key));
            }
            if (random.nextInt(500) == 0) {
                long pivot = random.nextInt(300);
                expected.keySet().removeIf(k -> k > pivot);
                map.retain((k, v) -> k <= pivot);
            }
            assertEquals(expected.size(), map.size());
            assertEquals(expected.isEmpty(), map.isEmpty());
        }
        for (Map.Entry<Long, String> entry : expected.entrySet())
            assertEquals(entry.getValue(), map.get(entry.getKey()));
    }

    @Test
    void keepsStreamsApart() {
        StreamTable<String> table = new StreamTable<>(id -> "stream " + id);
        assertNull(table.get(65535));
        assertEquals("stream 65535", table.getOrCreate(65535));
        assertEquals("stream 0", table.getOrCreate(0));
        assertNull(table.get(1));
        assertEquals("stream 65535", table.get(65535));
        assertEquals("stream 1", table.getOrCreate(1));
        assertEquals("stream 1", table.getOrCreate(1));
        assertEquals("stream 256", table.getOrCreate(256));
        StringBuilder all = new StringBuilder();
        table.forEach(all::append);
        assertTrue(all.toString().equals("stream 0stream 1stream 256stream 65535"));
    }
}
