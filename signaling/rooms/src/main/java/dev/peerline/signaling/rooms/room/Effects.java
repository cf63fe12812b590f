package dev.peerline.signaling.rooms.room;

import dev.peerline.fallback.http.Carrier;
import dev.peerline.fallback.http.Ending;
import dev.peerline.fallback.link.mailbox.Log;
import dev.peerline.fallback.link.mailbox.Mailboxes.Commit;

import java.util.ArrayList;
import java.util.List;

/** What a room wants done once its lock is free again. Not thread-safe. */
public final class Effects {
    private final List<Log> signals = new ArrayList<>();
    private final List<Carrier> wakes = new ArrayList<>(0);
    private final List<Carrier> heard = new ArrayList<>(0);
    private final List<End> ends = new ArrayList<>(0);

    private final List<Runnable> afterwards = new ArrayList<>(0);
    private final List<Publishing> publishings = new ArrayList<>(0);
    private Commit commit = Commit.KEPT;

    private record End(Carrier carrier, Ending why) {}

    void signal(Log log) {
        signals.add(log);
    }

    void wake(Carrier carrier) {
        wakes.add(carrier);
    }

    void heard(Carrier carrier) {
        heard.add(carrier);
    }

    void end(Carrier carrier, Ending why) {
        ends.add(new End(carrier, why));
    }

    void publish(Publishing publishing) {
        publishings.add(publishing);
    }

    /** What is to be published, in order, without any lock. */
    public List<Publishing> publishings() {
        return publishings;
    }

    /** What is done once everything that changed is kept, on whatever thread keeps it. */
    void whenKept(Runnable task) {
        afterwards.add(task);
    }

    /** What has to be kept. */
    public Commit commit() {
        return commit;
    }

    void commit(Commit change) {
        commit = change;
    }

    /** Does it. To be called without any lock. */
    public void run() {
        for (Log log : signals) log.signal();
        for (Carrier carrier : wakes) carrier.wake();
        for (Carrier carrier : heard) carrier.heard();
        for (End end : ends) end.carrier.end(end.why);
        if (!afterwards.isEmpty()) commit.whenKept(() -> afterwards.forEach(Runnable::run));
    }
}
