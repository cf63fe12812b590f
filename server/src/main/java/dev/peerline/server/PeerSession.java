package dev.peerline.server;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.PeerlineException;
import dev.peerline.sdk.Room;
import dev.peerline.sdk.RoomState;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ExitCode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;

/** What a peer in a terminal does from the moment that it has joined. */
final class PeerSession {
    /**
     * The channel that echoes answer on. What comes on it is an answer, and is not answered: two
     * echoes in one room leave each other in peace.
     */
    static final String ECHO_CHANNEL = "echo";

    private final Room room;
    private final PeerOutput output;
    private final InputStream in;
    private final boolean echo;
    private final CompletableFuture<Integer> done = new CompletableFuture<>();
    private final Set<Peer> watched = ConcurrentHashMap.newKeySet();
    private volatile boolean failed;

    PeerSession(Room room, PeerOutput output, InputStream in, boolean echo) {
        this.room = room;
        this.output = output;
        this.in = in;
        this.echo = echo;
    }

    /** Returns the exit code when all is said, or the room was closed. */
    int run() throws InterruptedException {
        output.joined(room);
        room.onState(this::stateChanged);
        room.onPeer(
                event -> {
                    output.peer(event);
                    watch(event.peer());
                });
        room.peers().values().forEach(this::watch);
        room.onGap(output::gap);
        room.onError(output::error);
        room.onMessage(this::received);
        // Reading does not end when the room does; the process ends anyhow.
        Thread.ofPlatform().daemon().name("stdin").start(this::read);
        if (room.state() == RoomState.CLOSED) stateChanged(RoomState.CLOSED);
        return done.join();
    }

    private void watch(Peer peer) {
        if (watched.add(peer)) peer.onPathChange(output::path);
        if (watched.size() > room.peers().size() + 64) {
            watched.removeIf(each -> !room.peers().containsKey(each.id()));
        }
    }

    private void stateChanged(RoomState state) {
        if (state != RoomState.CLOSED) return;
        PeerlineException reason = room.reason();
        if (reason == null || reason.code().equals("CLOSED")) {
            done.complete(failed ? ExitCode.SOFTWARE : ExitCode.OK);
            return;
        }
        output.failed(reason);
        done.complete(ExitCode.SOFTWARE);
    }

    private void received(Message message) {
        output.message(message);
        if (!echo || message.channel().equals(ECHO_CHANNEL)) return;
        send(() -> room.channel(ECHO_CHANNEL, message.from()).send(message.data()));
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line; (line = lines.readLine()) != null; ) {
                Data data = Data.text(line);
                if (!send(() -> room.send(data))) return;
            }
        } catch (IOException problem) {
            failed = true;
            output.error(new PeerlineException("STDIN", String.valueOf(problem), false, ""));
        }
        if (echo) return;
        var _ = room.leave();
    }

    /** A way to send something. */
    private interface Sending {
        CompletableFuture<?> begin();
    }

    /** Waits while there is no room for it; false when the room is closed. */
    private boolean send(Sending sending) {
        while (true) {
            CompletableFuture<?> future = sending.begin();
            PeerlineException refusal = refusal(future);
            if (refusal == null) {
                var _ = future.whenComplete((_, problem) -> notSent(problem));
                return true;
            }
            if (!refusal.code().equals("QUEUE_FULL")) {
                boolean closed = room.state() == RoomState.CLOSED;
                if (!closed) notSent(refusal);
                return !closed;
            }
            try {
                room.ready().join();
            } catch (CompletionException _) {
                return false;
            }
        }
    }

    /** What it was refused with at once; null when it was not. */
    private static @Nullable PeerlineException refusal(CompletableFuture<?> future) {
        if (!future.isCompletedExceptionally()) return null;
        return future.exceptionNow() instanceof PeerlineException refusal ? refusal : null;
    }

    private void notSent(@Nullable Throwable problem) {
        Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
        if (cause instanceof PeerlineException known && room.state() != RoomState.CLOSED) {
            failed = true;
            output.error(known);
        }
    }
}
