package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.Room;
import dev.peerline.sdk.RoomState;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A full server is restarted: its clients come back by themselves, spread over time. Prints how
 * they spread, and what that cost the server. {@code PEERLINE_CLIENTS} sets how many there are.
 */
@Tag("slow")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
@Isolated
final class ManyClientsRestartTest {
    private static final int CLIENTS =
            Integer.parseInt(System.getenv().getOrDefault("PEERLINE_CLIENTS", "5000"));
    private static final int ROOM_SIZE = 4;
    private static final int JOINING_AT_ONCE = 50;
    private static final int SLICE_MILLIS = 100;
    private static final String OPENED = "peerline_link_carriers_opened_total";
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    @TempDir private Path folder;

    @Test
    void afterADrainAllComeBack() throws Exception {
        restart("drain", ServerProcess::stop);
    }

    @Test
    void afterACrashAllComeBack() throws Exception {
        restart("crash", ServerProcess::kill);
    }

    /** Who noticed that the server went, and when each was back. */
    private static final class Returns {
        private final Set<Room> gone = ConcurrentHashMap.newKeySet();
        private final Map<Room, Long> back = new ConcurrentHashMap<>();
        private final CountDownLatch left = new CountDownLatch(CLIENTS);
        private final CountDownLatch returned = new CountDownLatch(CLIENTS);

        Returns(List<Room> rooms) {
            for (Room room : rooms) {
                room.onState(state -> seen(room, state));
                seen(room, room.state());
            }
        }

        private void seen(Room room, RoomState state) {
            if (state == RoomState.RECOVERING && gone.add(room)) left.countDown();
            boolean here = state == RoomState.OPEN && gone.contains(room);
            if (here && back.put(room, System.nanoTime()) == null) returned.countDown();
        }

        void awaitGone() throws InterruptedException {
            boolean all = left.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertTrue(all, left.getCount() + " did not notice");
        }

        Map<Room, Long> await() throws InterruptedException {
            boolean all = returned.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertTrue(all, returned.getCount() + " did not come back");
            return back;
        }
    }

    private interface End {
        void of(ServerProcess server) throws Exception;
    }

    private void restart(String how, End end) throws Exception {
        int port = freePort();
        ServerProcess server = start(port);
        List<Room> rooms = new ArrayList<>();
        try {
            join(port, rooms);
            Returns returns = new Returns(rooms);
            end.of(server);
            returns.awaitGone();
            server = start(port);
            long ready = System.nanoTime();
            report(how, server, returns.await(), ready);
            everybodyIsHeard(rooms);
        } finally {
            List<CompletableFuture<Void>> leaving = rooms.stream().map(Room::leave).toList();
            CompletableFuture.allOf(leaving.toArray(CompletableFuture[]::new))
                    .orTimeout(60, TimeUnit.SECONDS)
                    .join();
            server.close();
        }
    }

    private ServerProcess start(int port) throws IOException {
        return ServerProcess.startAt(port, folder.resolve("log"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void join(int port, List<Room> rooms) throws InterruptedException {
        Semaphore turns = new Semaphore(JOINING_AT_ONCE);
        List<CompletableFuture<Room>> joining = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            turns.acquire();
            URI url = URI.create("http://127.0.0.1:%d/room-%d".formatted(port, i / ROOM_SIZE));
            CompletableFuture<Room> room =
                    Peerline.joinAsync(url, JoinOptions.named("Peer " + i).withMaxDirect(0));
            joining.add(room);
            var _ = room.whenComplete((_, _) -> turns.release());
        }
        for (CompletableFuture<Room> room : joining) rooms.add(room.join());
    }

    private static void report(String how, ServerProcess server, Map<Room, Long> back, long ready)
            throws IOException {
        long[] millis = back.values().stream().mapToLong(at -> (at - ready) / 1_000_000).toArray();
        Arrays.sort(millis);
        long last = millis[millis.length - 1];
        int[] slices = new int[(int) Math.max(0, last) / SLICE_MILLIS + 1];
        for (long at : millis) slices[(int) Math.max(0, at) / SLICE_MILLIS]++;
        System.out.printf(
                "restart (%s): %d clients back after %d / %d / %d / %d ms (p10, p50, p90, last) of"
                        + " readiness; at most %d in %d ms; server %d ms of CPU, %d MiB resident;"
                        + " carriers opened: %s%n",
                how,
                millis.length,
                millis[millis.length / 10],
                millis[millis.length / 2],
                millis[millis.length * 9 / 10],
                last,
                Arrays.stream(slices).max().orElse(0),
                SLICE_MILLIS,
                server.cpu().toMillis(),
                server.residentBytes() >> 20,
                opened(server));
    }

    private static String opened(ServerProcess server) throws IOException {
        return RawHttp.get(server.port(), "/metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(OPENED))
                .map(line -> line.substring(OPENED.length()))
                .collect(Collectors.joining(" "));
    }

    private static void everybodyIsHeard(List<Room> rooms) {
        for (int i = 0; i < rooms.size(); i += ROOM_SIZE) {
            int others = Math.min(ROOM_SIZE, rooms.size() - i) - 1;
            assertEquals(others, rooms.get(i).send("back").join().delivered(), "room " + i);
        }
    }
}
