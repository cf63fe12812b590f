// Sends a file to everyone in a room, and to everyone who joins, and shows how far it is with each.
//
//   ./peerline java examples/java/SendFile.java http://127.0.0.1:8080/files photo.jpg
//
// It goes by a channel of its own to each: in order and exactly once, over the best path to that
// peer, so that a file is its description, its bytes, and its end. Received by ReceiveFile, or in a
// browser by receive-file.html.

import com.google.gson.JsonObject;

import dev.peerline.sdk.*;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;

static final int BLOCK_BYTES = 64 * 1024;

void main(String... args) throws Exception {
    if (args.length != 2 || !Files.isReadable(Path.of(args[1]))) {
        System.err.println("usage: ./peerline java examples/java/SendFile.java SERVER/ROOM FILE");
        System.exit(2);
    }
    Path file = Path.of(args[1]);
    try (Room room = Peerline.join(URI.create(args[0]), JoinOptions.named("sender"))) {
        room.onPeer(
                event -> {
                    if (event.kind() == PeerEvent.Kind.JOINED) sendTo(event.peer(), room, file);
                });
        for (Peer peer : room.peers().values()) sendTo(peer, room, file);
        System.out.println("ready, waiting for readers of " + file.getFileName());
        Thread.currentThread().join();
    }
}

/** Each reader is served by a virtual thread, as fast as its own path is. */
void sendTo(Peer peer, Room room, Path file) {
    Thread.startVirtualThread(
            () -> {
                try {
                    send(peer, room, file);
                } catch (IOException | InterruptedException | ExecutionException problem) {
                    System.err.println(peer.name() + ": " + problem.getMessage());
                }
            });
}

void send(Peer peer, Room room, Path file)
        throws IOException, InterruptedException, ExecutionException {
    Channel channel = room.channel("file", peer);
    long size = Files.size(file);
    AtomicLong arrived = new AtomicLong();
    JsonObject about = new JsonObject();
    about.addProperty("name", file.getFileName().toString());
    about.addProperty("size", size);
    CompletableFuture<Receipt> last = inTurn(room, channel, Data.json(about));
    try (InputStream in = Files.newInputStream(file)) {
        for (byte[] block = in.readNBytes(BLOCK_BYTES);
                block.length > 0 && peer.state() != PeerState.GONE;
                block = in.readNBytes(BLOCK_BYTES)) {
            int length = block.length;
            last = inTurn(room, channel, Data.bytes(block));
            last.thenAccept(
                    receipt -> {
                        if (receipt.delivered() == 0) return;
                        long now = arrived.addAndGet(length);
                        show(peer, now - length, now, size);
                    });
        }
    }
    Receipt receipt = last.get();
    System.out.println(
            receipt.delivered() == 1
                    ? peer.name() + ": has it, over " + receipt.path().text()
                    : peer.name() + ": left before it had all of it");
}

/** Sends as soon as there is room for it: more than 8 MiB on the way are refused. */
CompletableFuture<Receipt> inTurn(Room room, Channel channel, Data data)
        throws InterruptedException, ExecutionException {
    while (true) {
        CompletableFuture<Receipt> sent = channel.send(data);
        boolean full =
                sent.isCompletedExceptionally()
                        && sent.exceptionNow() instanceof PeerlineException refused
                        && refused.code().equals("QUEUE_FULL");
        if (!full) return sent;
        room.ready().get();
    }
}

/** A line at every tenth. */
void show(Peer peer, long before, long now, long size) {
    if (now == size || before * 10 / size == now * 10 / size) return;
    System.out.println(
            "%s: %d %%, over %s"
                    .formatted(peer.name(), now * 100 / size, peer.path().kind().text()));
}
