package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.PeerEvent;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.Room;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code peerline peer}, as a process. */
@Execution(ExecutionMode.CONCURRENT)
final class PeerCommandTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir Path folder;

    /** A terminal. */
    private static final class Terminal implements AutoCloseable {
        private final Process process;
        private final BufferedReader out;
        private final Writer in;
        private final Path err;

        Terminal(Path err, String... args) throws IOException {
            this.err = err;
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xshare:auto"));
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            command.addAll(List.of(Main.class.getName(), "peer"));
            command.addAll(List.of(args));
            process = new ProcessBuilder(command).redirectError(err.toFile()).start();
            out = process.inputReader();
            in = process.outputWriter();
        }

        void type(String text) throws IOException {
            in.write(text);
            in.flush();
        }

        void endInput() throws IOException {
            in.close();
        }

        String line() throws IOException {
            String line = out.readLine();
            if (line == null) throw new AssertionError("ended: " + Files.readString(err));
            return line;
        }

        /** The next event of a kind; others before it are passed over. */
        JsonObject event(String kind) throws IOException {
            while (true) {
                JsonObject event = JsonParser.parseString(line()).getAsJsonObject();
                if (event.get("event").getAsString().equals(kind)) return event;
            }
        }

        void terminate() {
            process.toHandle().destroy(); // SIGTERM, and the pipes stay
        }

        int exit() throws InterruptedException {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "does not end");
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private Terminal terminal(String name, String... args) throws IOException {
        return new Terminal(folder.resolve(name), args);
    }

    private static String base(Serving serving) {
        return "http://127.0.0.1:" + serving.port();
    }

    private static Room join(Serving serving, String name) {
        return Peerline.join(URI.create(base(serving) + "/lobby"), JoinOptions.named(name));
    }

    private static void awaitPeers(Room room, int count) throws InterruptedException {
        Collector<PeerEvent> events = new Collector<>();
        try (var _ = room.onPeer(events)) {
            while (room.peers().size() < count) events.next();
        }
    }

    @Test
    void linesAreSentMessagesArePrintedAndTheEndOfInputDrains() throws Exception {
        try (Serving serving = Serving.with();
                Room ada = join(serving, "Ada");
                Terminal terminal = terminal("err", base(serving), "lobby", "--name", "Bob")) {
            Collector<Message> got = new Collector<>();
            Collector<PeerEvent> peers = new Collector<>();
            ada.onMessage(got);
            ada.onPeer(peers);
            terminal.type("héllo\n");
            Message first = got.next();
            assertEquals("Bob: héllo", first.from().name() + ": " + first.text());
            ada.send("two\nlines\u001b[2J").get(60, TimeUnit.SECONDS);
            assertEquals("Ada: two", terminal.line());
            assertEquals("    lines\uFFFD[2J", terminal.line());
            StringBuilder many = new StringBuilder();
            for (int i = 0; i < 500; i++) many.append("line ").append(i).append('\n');
            terminal.type(many + "the last, without an end");
            terminal.endInput();
            for (int i = 0; i < 500; i++) assertEquals("line " + i, got.next().text());
            assertEquals("the last, without an end", got.next().text());
            assertEquals(0, terminal.exit());
            peers.next(event -> event.kind() == PeerEvent.Kind.LEFT);
        }
    }

    @Test
    void anEchoAnswersTheSenderAloneAndNoOtherEcho() throws Exception {
        try (Serving serving = Serving.with();
                Room ada = join(serving, "Ada");
                Terminal one = terminal("one", base(serving) + "/lobby", "--json", "--echo");
                Terminal two = terminal("two", base(serving) + "/lobby", "--json", "--echo")) {
            JsonObject joined = one.event("joined");
            assertEquals("lobby", joined.get("room").getAsString());
            one.endInput();
            two.event("joined");
            Collector<Message> got = new Collector<>();
            ada.onMessage(got);
            awaitPeers(ada, 2);
            assertEquals(2, ada.send("ping").get(60, TimeUnit.SECONDS).delivered());
            JsonObject heard = one.event("message");
            assertEquals("ping", heard.get("data").getAsString());
            assertEquals("Ada", heard.get("name").getAsString());
            assertEquals(ada.me().id(), heard.get("from").getAsString());
            for (Message answer : got.next(2)) {
                assertEquals("ping", answer.text());
                assertTrue(answer.direct());
            }
            assertEquals("ping", two.event("message").get("data").getAsString());
            // What an echo says by itself is answered by the other, and that is the end of it.
            two.type("hello\n");
            assertEquals("hello", got.next().text());
            assertEquals("hello", one.event("message").get("data").getAsString());
            assertEquals("hello", two.event("message").get("data").getAsString());
            ada.send(Data.json(JsonParser.parseString("[1]"))).get(60, TimeUnit.SECONDS);
            JsonObject next = one.event("message");
            assertEquals("[1]", next.get("data").toString());
            assertEquals("json", next.get("type").getAsString());
            for (Message answer : got.next(2)) assertEquals("[1]", answer.text());
            assertTrue(got.isEmpty());
            Collector<PeerEvent> peers = new Collector<>();
            ada.onPeer(peers);
            one.terminate();
            PeerEvent left = peers.next(event -> event.kind() == PeerEvent.Kind.LEFT);
            assertEquals(joined.get("id").getAsString(), left.peer().id());
            one.exit();
        }
    }

    @Test
    void aRefusalIsToldWithWhatToDo() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        try (Serving serving = Serving.with("--public", "--secret-file=" + secret);
                Terminal without = terminal("without", base(serving), "lobby", "--json")) {
            assertEquals("UNAUTHORIZED", without.event("error").get("code").getAsString());
            assertEquals(1, without.exit());
            assertTrue(Files.readString(folder.resolve("without")).contains("UNAUTHORIZED"));
            Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
            Instant expires = Instant.now().plusSeconds(600);
            String token = tokens.mint(new Claims("lobby", "Cyd", List.of(), List.of(), expires));
            String invite = base(serving) + "/lobby#token=" + token;
            try (Terminal with = terminal("with", invite, "--json", "--only", "direct,websocket")) {
                assertEquals("Cyd", with.event("joined").get("name").getAsString());
                with.endInput();
                assertEquals(0, with.exit());
            }
            assertFalse(Files.readString(folder.resolve("with")).contains(token));
        }
    }
}
