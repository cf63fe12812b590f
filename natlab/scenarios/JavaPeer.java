// A peer of a scenario in a JVM: streams numbered messages, and writes down everything that
// happens, as the one in a page does (page.js). Questions come on standard input, a line each, and
// answers go to standard output, a line of JSON each: `present`, `diary`, `stream 100`. It ends
// with its input.

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.peerline.sdk.*;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

static final Gson GSON = new Gson();

/** Times are Unix ms, to the fraction. */
record Got(String from, long n, double at) {}

record Event(double at, String what) {}

final List<Got> got = new ArrayList<>();
final List<Event> events = new ArrayList<>();
final List<String> failed = new ArrayList<>();
final Set<Peer> followed = ConcurrentHashMap.newKeySet();
long sent;
long settled;
long missed;
double period;
double due;
Room room;

void main(String... args) throws IOException {
    List<PathKind> paths =
            Stream.of(args)
                    .skip(2)
                    .map(path -> PathKind.valueOf(path.toUpperCase(Locale.ROOT).replace('-', '_')))
                    .toList();
    JoinOptions options = JoinOptions.named(args[1]);
    if (!paths.isEmpty()) options = options.withPaths(paths.toArray(PathKind[]::new));
    room = Peerline.join(URI.create(args[0]), options);
    room.peers().values().forEach(this::follow);
    room.onMessage(this::take);
    room.onPeer(
            event -> {
                note("peer " + event.kind().name().toLowerCase(Locale.ROOT));
                if (event.kind() == PeerEvent.Kind.JOINED) follow(event.peer());
            });
    room.onState(state -> note("state " + state.name().toLowerCase(Locale.ROOT)));
    room.onGap(gap -> note("gap " + gap.count() + " " + gap.reason()));
    room.onError(error -> note("error " + error.code()));
    try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in))) {
        clock.scheduleAtFixedRate(this::beat, 10, 10, TimeUnit.MILLISECONDS);
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(answer(line));
        }
        clock.shutdownNow();
    }
    room.close();
}

static double now() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1000.0 + now.getNano() / 1e6;
}

synchronized void note(String what) {
    events.add(new Event(now(), what));
}

void follow(Peer peer) {
    if (!followed.add(peer)) return; // it left, and came back
    peer.onPathChange(
            change ->
                    note(
                            "path %s > %s (%s)"
                                    .formatted(
                                            change.from().text(),
                                            change.to().text(),
                                            change.reason())));
}

synchronized void take(Message message) {
    JsonElement n = message.json().getAsJsonObject().get("n");
    got.add(new Got(message.from().id(), n.getAsLong(), now()));
}

synchronized void beat() {
    for (double now = now(); period > 0 && due <= now; due += period) say();
}

void say() {
    JsonObject body = new JsonObject();
    body.addProperty("n", sent++);
    room.send(Data.json(body)).whenComplete(this::settle);
}

synchronized void settle(Receipt receipt, Throwable problem) {
    if (receipt != null) {
        settled++;
        missed += receipt.missed().size();
        return;
    }
    Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
    failed.add(cause instanceof PeerlineException refused ? refused.code() : cause.toString());
}

/** In one piece: others write meanwhile. */
synchronized String answer(String line) {
    String[] words = line.split(" ");
    return GSON.toJson(
            switch (words[0]) {
                case "stream" -> stream(Double.parseDouble(words[1]));
                case "present" -> present();
                case "diary" -> diary();
                default -> throw new IllegalArgumentException(line);
            });
}

Map<String, Object> stream(double perSecond) {
    period = perSecond == 0 ? 0 : 1000 / perSecond;
    due = now();
    return Map.of();
}

Map<String, Object> present() {
    List<Map<String, String>> states =
            room.peers().values().stream()
                    .map(
                            peer ->
                                    Map.of(
                                            "state",
                                            peer.state().name().toLowerCase(Locale.ROOT),
                                            "path",
                                            peer.path().kind().text()))
                    .toList();
    String path = states.isEmpty() ? "" : states.getFirst().get("path");
    return Map.of(
            "states",
            states,
            "path",
            path,
            "got",
            got.size(),
            "sent",
            sent,
            "settled",
            settled,
            "missed",
            missed);
}

Map<String, Object> diary() {
    return Map.ofEntries(
            Map.entry("id", room.me().id()),
            Map.entry("path", present().get("path")),
            Map.entry("state", room.state().name().toLowerCase(Locale.ROOT)),
            Map.entry("sent", sent),
            Map.entry("settled", settled),
            Map.entry("missed", missed),
            Map.entry("failed", failed),
            Map.entry("got", got),
            Map.entry("events", events),
            Map.entry("standstills", List.of()));
}
