package dev.peerline.server;

import dev.peerline.fallback.disk.DiskMailboxes;
import dev.peerline.fallback.disk.DiskTopics;
import dev.peerline.fallback.link.mailbox.LogLimits;
import dev.peerline.fallback.link.topic.MemoryTopics;
import dev.peerline.fallback.link.topic.TopicLimits;
import dev.peerline.fallback.link.topic.Topics;
import dev.peerline.signaling.rooms.Rooms;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;

/** Where messages are kept, for peers and on topics. */
record Storage(Rooms.Kept rooms, Topics topics) implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Storage.class.getName());

    /**
     * Reads what an earlier server left, where that is kept.
     *
     * @throws IOException a sentence that says what is wrong and what to do
     */
    static Storage open(ServerConfig config) throws IOException {
        LogLimits limits = config.rooms().logs();
        TopicLimits kept = config.topics().kept();
        Path data = config.data();
        if (data == null) {
            return new Storage(Rooms.inMemory(limits), new MemoryTopics(Rooms.epoch(), kept));
        }
        Path place = data.resolve("mailboxes");
        DiskMailboxes mailboxes = DiskMailboxes.open(place, limits, Rooms::epoch);
        LOG.log(Level.INFO, "event=data-opened dir=" + place + " rooms=" + mailboxes.kept().size());
        try {
            Topics topics = DiskTopics.open(data.resolve("topics"), kept, Rooms::epoch);
            return new Storage(new Rooms.Kept(mailboxes, limits), topics);
        } catch (IOException | RuntimeException problem) {
            mailboxes.close();
            throw problem;
        }
    }

    boolean isInTrouble() {
        return rooms.mailboxes().trouble() != null || topics.trouble() != null;
    }

    @Override
    public void close() {
        rooms.mailboxes().close();
        topics.close();
    }
}
