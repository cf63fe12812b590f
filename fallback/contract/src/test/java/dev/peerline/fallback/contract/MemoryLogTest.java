package dev.peerline.fallback.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.mailbox.Budget;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogEntry;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.mailbox.MemoryLog;
import dev.peerline.fallback.link.wire.Bytes;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

final class MemoryLogTest extends LogContract {
    private long epochs;

    @Override
    protected Log open(LogLimits limits) {
        return new MemoryLog(++epochs, limits);
    }

    @Test
    void logsThatShareABudgetKeepASmallShareEachWhenItIsUsedUp() {
        Budget budget = new Budget(1_000_000);
        List<Log> logs = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            logs.add(new MemoryLog(i, new LogLimits(1_000_000, 10_000, budget)));
        LogEntry entry = new LogEntry(Bytes.EMPTY, Bytes.of(new byte[10_000]));
        for (int i = 0; i < 400; i++) logs.get(i % 4).append(entry);
        assertTrue(budget.used() < 1_100_000, "used " + budget.used());
        long held = 0;
        for (Log log : logs) held += log.bytes();
        assertEquals(held, budget.used());
        // With the others gone there is room again.
        for (Log log : logs.subList(1, 4)) log.close();
        Log left = logs.getFirst();
        for (int i = 0; i < 50; i++) left.append(entry);
        assertTrue(left.bytes() > 500_000, "holds " + left.bytes());
        left.close();
        assertEquals(0, budget.used());
    }
}
