// Tells prices to everyone in a room, twenty times a second.
//
//   ./peerline java examples/java/PriceTicker.java http://127.0.0.1:8080/prices
//
// Prices go directly to each browser or JVM where a data channel can be opened. What is late is of
// no use, so they go unreliably; the day's opening price goes once and for all. Read in a browser
// by
// ticker.html.

import com.google.gson.Gson;

import dev.peerline.sdk.*;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

static final double OPEN = 100;

double price = OPEN;

void main(String... args) throws Exception {
    if (args.length != 1) {
        System.err.println("usage: ./peerline java examples/java/PriceTicker.java SERVER/ROOM");
        System.exit(2);
    }
    JoinOptions options = JoinOptions.named("ticker").withMaxDirect(50);
    try (Room room = Peerline.join(URI.create(args[0]), options);
            ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
        room.onPeer(
                event -> {
                    if (event.kind() == PeerEvent.Kind.JOINED) welcome(event.peer());
                });
        room.peers().values().forEach(this::welcome);
        clock.scheduleAtFixedRate(() -> tell(room), 0, 50, TimeUnit.MILLISECONDS);
        System.out.println("ready, telling prices");
        Thread.currentThread().join();
    }
}

void welcome(Peer peer) {
    peer.onPathChange(
            change ->
                    System.out.println(
                            peer.name()
                                    + ": "
                                    + change.from().text()
                                    + " > "
                                    + change.to().text()));
    peer.send(json("open", OPEN));
}

void tell(Room room) {
    price += ThreadLocalRandom.current().nextGaussian() / 10;
    room.send(json("price", price), SendOptions.UNRELIABLE);
}

Data json(String name, double value) {
    return Data.json(new Gson().toJsonTree(Map.of(name, value)));
}
