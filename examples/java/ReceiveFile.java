// Takes what SendFile sends, from one JVM to the other, into a folder, and ends.
//
//   ./peerline java examples/java/ReceiveFile.java http://127.0.0.1:8080/files downloads

import com.google.gson.JsonObject;

import dev.peerline.sdk.*;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;

void main(String... args) throws Exception {
    if (args.length != 2) {
        System.err.println(
                "usage: ./peerline java examples/java/ReceiveFile.java SERVER/ROOM FOLDER");
        System.exit(2);
    }
    Path folder = Files.createDirectories(Path.of(args[1]));
    // A listener may wait: what it has not taken is not acknowledged, and the sender is made to
    // wait. So a slow disk slows the sender down, and memory holds one block.
    BlockingQueue<Message> messages = new SynchronousQueue<>();
    try (Room room = Peerline.join(URI.create(args[0]), JoinOptions.named("receiver"))) {
        room.onMessage(
                message -> {
                    if (message.channel().equals("file")) put(messages, message);
                });
        System.out.println("ready, waiting for a sender");
        Message about = messages.take();
        JsonObject described = about.json().getAsJsonObject();
        long size = described.get("size").getAsLong();
        // The name comes from somebody else: of a path only the last part counts.
        Path name = Path.of(described.get("name").getAsString()).getFileName();
        Path file = folder.resolve(name);
        receive(messages, about.from(), file, size);
        System.out.println(
                file + ": " + size + " bytes, over " + about.from().path().kind().text());
    }
}

/** Until it is whole; what others send meanwhile is passed over. */
void receive(BlockingQueue<Message> messages, Peer sender, Path file, long size)
        throws IOException, InterruptedException {
    try (OutputStream out = Files.newOutputStream(file)) {
        for (long left = size; left > 0; ) {
            Message message = messages.poll(1, TimeUnit.SECONDS);
            if (message == null && sender.state() == PeerState.GONE) {
                throw new IOException("the sender left, " + left + " bytes are missing");
            }
            if (message == null || message.from() != sender) continue;
            out.write(message.bytes());
            left -= message.bytes().length;
        }
    }
}

void put(BlockingQueue<Message> messages, Message message) {
    try {
        messages.put(message);
    } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
    }
}
