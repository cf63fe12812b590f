package dev.peerline.fallback.disk;

import dev.peerline.fallback.contract.LogContract;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.wire.Id;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

final class DiskLogTest extends LogContract {
    @TempDir private Path directory;

    private final AtomicLong epochs = new AtomicLong();
    private final List<DiskMailboxes> opened = new ArrayList<>();

    @Override
    protected Log open(LogLimits limits) {
        try {
            Path place = directory.resolve(Integer.toString(opened.size()));
            DiskMailboxes mailboxes = DiskMailboxes.open(place, limits, epochs::incrementAndGet);
            opened.add(mailboxes);
            return mailboxes.shelf("lobby").open(new Id(1, 2));
        } catch (IOException problem) {
            throw new AssertionError(problem);
        }
    }

    @AfterEach
    void close() {
        opened.forEach(DiskMailboxes::close);
    }
}
