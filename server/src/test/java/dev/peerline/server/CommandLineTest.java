package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;
import dev.peerline.server.token.Verdict;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Exit codes, and that bad usage is told in one line that says what and how. */
final class CommandLineTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    @TempDir Path folder;

    private record Run(int exit, String out, String err) {}

    private Run run(String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        Map<String, String> environment = Map.of("XDG_STATE_HOME", folder.toString());
        int exit = Main.run(environment, new PrintWriter(out), new PrintWriter(err), args);
        return new Run(exit, out.toString(), err.toString());
    }

    /** Arguments, and what the one line must hold. */
    private static final String BAD_USAGE =
            """
            | Missing command
            nonsense | nonsense
            srve | did you mean serve
            serve --prot 1 | did you mean --port
            serve --port x | 0 to 65535
            serve --port 65536 | 0 to 65535
            serve extra | extra
            serve --lan --public | Choose one
            serve --lan=perhaps | perhaps
            serve --public --demo-faults | --demo-faults
            serve --open-demo | --public
            serve --away 5 | ms, s, m, h
            serve --trusted-proxy 10.0.0.0/99 | address range
            serve --allow-origin app.example | https://
            serve --hostname http://a | without scheme
            serve --external-ip example.org | IP address
            serve --ice-server turn:a | secret-file
            serve --secret-file /does/not/exist | openssl rand
            serve --config /does/not/exist | config file
            serve --tls-port 1 | --tls-self-signed
            serve --tls-cert a | --tls-key
            serve --tls-self-signed --tls-cert a --tls-key b | Choose one
            serve --tls-cert /no/cert --tls-key /no/key | /no/
            serve --max-rooms 0 | 1 to
            serve --relay-ports 9-1 | range of ports
            serve --relay-ports 0-9 | range of ports
            serve --no-relay --turn-port 1 | Choose one
            serve --stun-server a:b | no server
            serve --cloud-metadata nimbus | hetzner
            serve --allow-peer x | address range
            serve --log http://a | kafka://
            serve --open-topics a..b | topic pattern
            serve --metrics-port a:b | place to listen
            relay --port x | 0 to 65535
            relay --listen example.org | IP address
            relay --external-ip example.org | 203.0.113.7/10.0.0.7
            relay --listen 127.0.0.1 --external-ip 203.0.113.7/10.0.0.7 | --listen does not name
            relay --listen 127.0.0.1 --discovery-port 3479 | two --listen
            relay --user ada | NAME:PASSWORD
            relay --user :secret | NAME:PASSWORD
            relay --users-file /does/not/exist | users file
            relay --secret-file /does/not/exist | openssl rand
            relay --tls-port 5349 | --tls-cert
            relay --tls-cert a | --tls-key
            relay --tls-cert /no/cert --tls-key /no/key | /no/
            relay --max-allocations 0 | 1 to
            relay --alternate-server example.org | address
            relay --metrics-port a:b | place to listen
            relay --prot 1 | did you mean --port
            token | --room
            token --room a/b | no room
            token --room metrics | no room
            token --room lobby | no secret
            token --room lobby --ttl 0s | more than 0
            token --room * --invite http://a | --invite needs
            token --room lobby --invite a | base URL
            token --room lobby --subscribe > | topic pattern
            peer | URL
            peer localhost:8080 lobby | http://localhost:8080
            peer http://localhost:1/ | names no room
            peer http://localhost:1 a/b | no room
            peer http://localhost:1 metrics | no room
            peer http://localhost:1 lobby more | more
            peer http://localhost:1 lobby --only pigeon | websocket
            peer http://localhost:1 lobby --only= | websocket
            """;

    @TestFactory
    Stream<DynamicTest> badUsageIsToldInOneLine() {
        return BAD_USAGE.lines().map(line -> dynamicTest(line, () -> checkBadUsage(line)));
    }

    private void checkBadUsage(String line) {
        String[] parts = line.split("\\|\\s*", 2);
        String[] args = parts[0].isBlank() ? new String[0] : parts[0].strip().split(" ", -1);
        Run run = run(args);
        assertEquals(2, run.exit(), run.err());
        assertEquals("", run.out());
        assertEquals(1, run.err().lines().count(), run.err());
        assertTrue(run.err().startsWith("peerline: "), run.err());
        assertTrue(run.err().contains(parts[1]), run.err());
    }

    @Test
    void commandsOfLaterBuildsSaySo() {
        Run run = run("doctor", "--some", "option", "and", "more");
        assertEquals(1, run.exit());
        assertEquals("peerline: doctor is not in this build", run.err().strip());
        assertTrue(run("doctor", "--help").out().contains("(not in this build)"));
        assertTrue(run("--help").out().contains("doctor  (not in this build)"));
    }

    @Test
    void helpAndVersionAreEverywhere() {
        for (String command : List.of("serve", "relay", "token", "peer")) {
            assertEquals(0, run(command, "--help").exit());
            assertTrue(run(command, "--help").out().startsWith("Usage: peerline " + command));
            assertTrue(run(command, "--version").out().startsWith("peerline "));
        }
        assertTrue(run("--version").out().startsWith("peerline "));
    }

    @Test
    void helpOfServeNamesEveryOption() {
        String help = run("serve", "--help").out();
        for (String option :
                List.of("--port", "--lan", "--public", "--turn-port", "--max-rooms", "--config"))
            assertTrue(help.contains(option), option);
    }

    @Test
    void tokenPrintsTheTokenAloneAndTheInviteBelow() throws IOException {
        Path secret = Files.writeString(folder.resolve("s"), SECRET);
        Run run =
                run(
                        "token",
                        "--secret-file=" + secret,
                        "--room=lobby",
                        "--name=Ada",
                        "--ttl=30m",
                        "--subscribe=news.>",
                        "--publish=news.ada",
                        "--publish=other",
                        "--invite=https://host.example/");
        assertEquals(0, run.exit(), run.err());
        List<String> lines = run.out().lines().toList();
        assertEquals("https://host.example/lobby#token=" + lines.getFirst(), lines.get(1));
        assertEquals(2, lines.size());
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        Claims claims =
                assertInstanceOf(Verdict.Accepted.class, tokens.verify(lines.getFirst())).claims();
        assertEquals("lobby", claims.room());
        assertEquals("Ada", claims.name());
        assertEquals(List.of("news.>"), claims.subscribe());
        assertEquals(List.of("news.ada", "other"), claims.publish());
        long seconds = claims.expires().getEpochSecond() - Instant.now().getEpochSecond();
        assertTrue(seconds > 1790 && seconds <= 1801, seconds + " s");
    }

    @Test
    void tokenUsesTheSecretThatPublicServersMake() throws IOException {
        Map<String, String> environment = Map.of("XDG_STATE_HOME", folder.toString());
        try (Serving first = Serving.with(environment, "--public")) {
            Run run = run("token", "--room", "*");
            assertEquals(0, run.exit(), run.err());
            String token = run.out().strip();
            RawHttp.Answer answer =
                    RawHttp.get(first.port(), "/v1/ice-servers", "Authorization: Bearer " + token);
            assertEquals(200, answer.status());
            assertTrue(Files.exists(folder.resolve("peerline/secret")));
            // The next start finds the same secret.
            try (Serving second = Serving.with(environment, "--public")) {
                assertEquals(
                        200,
                        RawHttp.get(
                                        second.port(),
                                        "/v1/ice-servers",
                                        "Authorization: Bearer " + token)
                                .status());
            }
        }
    }

    @Test
    void aPortInUseIsToldInOneLine() throws IOException {
        try (Serving serving = Serving.with()) {
            Run run = run("serve", "--turn-port=0", "--port", String.valueOf(serving.port()));
            assertEquals(1, run.exit());
            assertEquals(1, run.err().lines().count(), run.err());
            assertTrue(run.err().contains("Port " + serving.port()), run.err());
            assertTrue(run.err().contains("--port"), run.err());
        }
    }

    @Test
    void theConfigFileServesAllCommands() throws IOException {
        Path secret = Files.writeString(folder.resolve("s"), SECRET);
        Path config =
                Files.writeString(
                        folder.resolve("peerline.conf"),
                        "# for all\nsecret-file = " + secret + "\nport = 0\naway = 1m\n");
        Run run = run("token", "--config", config.toString(), "--room", "lobby");
        assertEquals(0, run.exit(), run.err());
    }

    @Test
    void readyIsTheOnlyLineOnStdout() throws IOException {
        try (Serving serving = Serving.with("--data=" + folder.resolve("data"), "--push-peer")) {
            assertEquals("ready http://127.0.0.1:" + serving.port(), serving.stdout().strip());
            assertFalse(serving.stdout().strip().contains("\n"));
        }
    }
}
