package dev.peerline.fallback.link.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.peerline.fallback.link.wire.Cursor;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CursorTextTest {
    @Test
    void aCursorIsReadAsItIsWritten() {
        for (long epoch : new long[] {0, 7, (1L << 53) - 1}) {
            for (long offset : new long[] {0, 1, 10, (1L << 53) - 1}) {
                Cursor cursor = new Cursor(epoch, offset);
                assertEquals(cursor, CursorText.parse(CursorText.of(cursor)));
            }
        }
        assertEquals(new Cursor(1, 2), CursorText.parse("01-002"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "1",
                "1-",
                "-1",
                "1--1",
                "1-2-3",
                "1-2 ",
                " 1-2",
                "+1-2",
                "1-x",
                "a-1",
                "1_2",
                "12345678901234567-1",
                "1-12345678901234567",
                "٣-1",
                "now",
                "0"
            })
    void whatIsNoneIsNull(String text) {
        assertNull(CursorText.parse(text));
    }
}
