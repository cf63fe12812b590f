package dev.peerline.datachannel.interop;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.SessionDescription;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A peer of another make in another process, told by JSON lines what to do. */
final class ForeignPeer implements AutoCloseable {
    /** Patience with a slow machine; nothing waits that long. */
    static final long SECONDS = 60;

    private final Process process;
    private final OutputStream in;
    private final BlockingQueue<JsonObject> events = new LinkedBlockingQueue<>();
    private volatile Consumer<IceCandidateInit> onCandidate = candidate -> {};

    private ForeignPeer(Process process) {
        this.process = process;
        in = process.getOutputStream();
        Thread.ofVirtual().start(this::read);
    }

    /** Starts one; a text that says why not when this machine cannot. */
    static Object start(List<String> command) throws InterruptedException {
        ForeignPeer peer;
        try {
            peer =
                    new ForeignPeer(
                            new ProcessBuilder(command)
                                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                                    .start());
        } catch (IOException problem) {
            return "cannot start " + command + ": " + problem.getMessage();
        }
        JsonObject first = peer.events.poll(SECONDS, TimeUnit.SECONDS);
        if (first != null && first.get("ev").getAsString().equals("ready")) return peer;
        peer.close();
        if (first == null) return command + " said nothing";
        return first.has("reason") ? first.get("reason").getAsString() : first.toString();
    }

    /** The script beside this test that makes a peer of this kind. */
    static List<String> node(String kind) {
        return List.of("node", script("node/peer.js"), kind);
    }

    /** The same of aiortc. */
    static List<String> python() {
        return List.of("/usr/bin/python3", "-B", script("python/peer.py"));
    }

    /** A program among the tests, in a JVM of its own. */
    static List<String> java(Class<?> program) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        return List.of(java, "-XX:TieredStopAtLevel=1", "-cp", classes, program.getName());
    }

    private static String script(String name) {
        Path here = Path.of("").toAbsolutePath();
        Path module = Files.exists(here.resolve("src/test")) ? here : here.resolve("datachannel");
        return module.resolve("src/test").resolve(name).toString();
    }

    private void read() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (!line.startsWith("{")) continue;
                JsonObject event = JsonParser.parseString(line).getAsJsonObject();
                if (event.get("ev").getAsString().equals("candidate")) {
                    onCandidate.accept(candidate(event.getAsJsonObject("candidate")));
                } else {
                    events.add(event);
                }
            }
        } catch (IOException _) {
            // it has ended
        }
        JsonObject end = new JsonObject();
        end.addProperty("ev", "gone");
        events.add(end);
    }

    private static IceCandidateInit candidate(JsonObject json) {
        JsonElement index = json.get("sdpMLineIndex");
        return new IceCandidateInit(
                json.get("candidate").getAsString(),
                text(json.get("sdpMid")),
                index == null || index.isJsonNull() ? -1 : index.getAsInt(),
                text(json.get("usernameFragment")));
    }

    private static @Nullable String text(@Nullable JsonElement element) {
        return element == null || element.isJsonNull() ? null : element.getAsString();
    }

    /** Who is given the peer's candidates. */
    void onCandidate(Consumer<IceCandidateInit> consumer) {
        onCandidate = consumer;
    }

    /** A command, and names and values in turn. */
    void tell(String op, Object... properties) {
        JsonObject command = new JsonObject();
        command.addProperty("op", op);
        for (int i = 0; i < properties.length; i += 2)
            command.add((String) properties[i], new Gson().toJsonTree(properties[i + 1]));
        try {
            synchronized (in) {
                in.write((command + "\n").getBytes(StandardCharsets.UTF_8));
                in.flush();
            }
        } catch (IOException problem) {
            throw new AssertionError("the peer has gone", problem);
        }
    }

    void tell(IceCandidateInit candidate) {
        if (candidate.candidate().isEmpty()) return;
        JsonObject json = new JsonObject();
        json.addProperty("candidate", candidate.candidate());
        json.addProperty("sdpMid", candidate.sdpMid());
        json.addProperty("sdpMLineIndex", candidate.sdpMLineIndex());
        tell("candidate", "candidate", json);
    }

    void tell(SessionDescription description) {
        tell("remote", "type", description.type().toString(), "sdp", description.sdp());
    }

    /** The next event of the kind; others before it are passed over. */
    JsonObject await(String kind) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        StringBuilder seen = new StringBuilder();
        while (true) {
            JsonObject event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) throw new AssertionError("no " + kind + ", but" + seen);
            String ev = event.get("ev").getAsString();
            if (ev.equals(kind)) return event;
            if (ev.equals("error") || ev.equals("gone"))
                throw new AssertionError(event + "," + seen);
            seen.append(' ').append(ev);
        }
    }

    SessionDescription description() throws InterruptedException {
        JsonObject event = await("sdp");
        return new SessionDescription(
                SessionDescription.Type.parse(event.get("type").getAsString()),
                event.get("sdp").getAsString());
    }

    /** What was told before is of no interest. */
    void forget() {
        events.clear();
        onCandidate = candidate -> {};
    }

    @Override
    public void close() {
        try {
            in.close();
            if (process.waitFor(5, TimeUnit.SECONDS)) return;
        } catch (IOException _) {
            // gone already
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        kill();
    }

    /** Ends it, and whatever it has started, without a word. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
