package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.fallback.link.wire.Bytes;
import dev.peerline.fallback.link.wire.DownFrame;
import dev.peerline.fallback.link.wire.Hello;
import dev.peerline.fallback.link.wire.Parsed;
import dev.peerline.fallback.link.wire.Welcome;
import dev.peerline.server.RawHttp.Answer;
import dev.peerline.server.token.Claims;
import dev.peerline.server.token.Secret;
import dev.peerline.server.token.Tokens;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Sessions over plain HTTP as the whole server serves them: doors, tickets, TLS, faults. */
@Timeout(60)
final class LinkOverHttpDoorTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String TYPE = "application/vnd.peerline.packet";

    @TempDir Path folder;

    private final HttpClient client = HttpClient.newBuilder().version(Version.HTTP_1_1).build();

    private static String header(Hello hello) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(LinkClient.packet(hello).toArray());
    }

    private static HttpRequest.Builder to(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
    }

    private static HttpRequest.Builder post(int port, String path, String body) {
        return to(port, path).POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static Welcome welcome(byte[] packet) {
        if (DownFrame.readAll(Bytes.of(packet))
                        instanceof Parsed.Good<List<DownFrame>>(List<DownFrame> frames)
                && frames.getFirst() instanceof Welcome welcome) return welcome;
        throw new AssertionError("no WELCOME");
    }

    /** The first event of a stream. */
    private static Welcome welcome(InputStream stream) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (line.startsWith("data: ")) {
                return welcome(Base64.getDecoder().decode(line.substring(6)));
            }
        }
        throw new AssertionError("the stream ended");
    }

    private String ticket(int port, Hello hello) throws Exception {
        HttpResponse<String> answer =
                send(
                        post(port, "/v1/tickets", "{\"resource\":\"/v1/link\"}")
                                .header("Peerline-Hello", header(hello)));
        assertEquals(201, answer.statusCode(), answer.body());
        return answer.body().split("\"", -1)[3];
    }

    private HttpResponse<InputStream> stream(int port, String ticket) throws Exception {
        return client.send(
                to(port, "/v1/link?ticket=" + ticket).header("Accept", "text/event-stream").build(),
                BodyHandlers.ofInputStream());
    }

    @Test
    void aTicketOpensAStreamAsOftenAsEventSourceComesBack() throws Exception {
        Path file = Files.writeString(folder.resolve("secret"), SECRET);
        Tokens tokens = new Tokens(List.of(Secret.of(SECRET)), InstantSource.system());
        Claims claims =
                new Claims("lobby", null, List.of(), List.of(), Instant.now().plusSeconds(60));
        try (Serving serving = Serving.with("--secret-file=" + file)) {
            Hello hello = LinkClient.hello("lobby", "ada", tokens.mint(claims));
            String ticket = ticket(serving.port(), hello);
            for (int i = 0; i < 2; i++) {
                HttpResponse<InputStream> answer = stream(serving.port(), ticket);
                assertEquals(200, answer.statusCode());
                try (InputStream body = answer.body()) {
                    assertEquals("ada", welcome(body).name());
                }
            }
            String without = ticket(serving.port(), LinkClient.hello("lobby", "ada", null));
            assertEquals(401, stream(serving.port(), without).statusCode());
            String forged = (ticket.startsWith("A") ? "B" : "A") + ticket.substring(1);
            assertEquals(401, stream(serving.port(), forged).statusCode());
        }
    }

    @Test
    void aTicketIsForAResourceThatIsThereAndForSomebodyWhoProvesWho() throws Exception {
        try (Serving serving = Serving.with()) {
            String hello = header(LinkClient.hello("lobby", "ada", null));
            for (String body :
                    List.of("", "[]", "{}", "{\"resource\":1}", "{\"resource\":\"/metrics\"}")) {
                HttpRequest.Builder request = post(serving.port(), "/v1/tickets", body);
                assertEquals(400, send(request.header("Peerline-Hello", hello)).statusCode(), body);
            }
            HttpRequest.Builder nobody =
                    post(serving.port(), "/v1/tickets", "{\"resource\":\"/v1/link\"}");
            assertEquals(400, send(nobody).statusCode());
            assertEquals(405, RawHttp.get(serving.port(), "/v1/tickets").status());
            assertEquals(
                    413, send(post(serving.port(), "/v1/tickets", "x".repeat(5_000))).statusCode());
        }
    }

    @Test
    void aPageFromAnAllowedOriginMayAskAndRead() throws IOException {
        try (Serving serving = Serving.with("--allow-origin=https://app.example")) {
            for (String path : List.of("/v1/link", "/v1/tickets")) {
                Answer preflight =
                        RawHttp.send(
                                serving.port(),
                                "OPTIONS",
                                path,
                                "Origin: https://app.example",
                                "Access-Control-Request-Method: POST",
                                "Access-Control-Request-Headers: peerline-hello,content-type");
                assertEquals(204, preflight.status());
                String headers = String.valueOf(preflight.header("Access-Control-Allow-Headers"));
                for (String name : List.of("Peerline-Hello", "Content-Type", "Last-Event-ID")) {
                    assertTrue(headers.contains(name), headers);
                }
            }
            Answer answer =
                    RawHttp.get(
                            serving.port(),
                            "/v1/link",
                            "Origin: https://app.example",
                            "Peerline-Hello: " + header(LinkClient.hello("lobby", "ada", null)));
            assertEquals(200, answer.status());
            assertEquals("2000", answer.header("Peerline-Poll-After"));
            assertEquals("https://app.example", answer.header("Access-Control-Allow-Origin"));
            String exposed = String.valueOf(answer.header("Access-Control-Expose-Headers"));
            assertTrue(exposed.contains("Peerline-Poll-After"), exposed);
        }
    }

    @Test
    void faultsAreForThoseWhoProveTheirIdAndOnlyWhereTheyAreOn() throws Exception {
        String path = "/v1/demo-faults";
        String hello = header(LinkClient.hello("lobby", "ada", null));
        String block = "{\"block\":[\"poll\"],\"seconds\":1}";
        try (Serving off = Serving.with()) {
            assertEquals(404, send(post(off.port(), path, block)).statusCode());
        }
        try (Serving on = Serving.with("--demo-faults")) {
            assertEquals(400, send(post(on.port(), path, block)).statusCode());
            for (String bad :
                    List.of(
                            "{\"block\":[\"carrier pigeon\"],\"seconds\":1}",
                            "{\"block\":[\"poll\"],\"seconds\":61}",
                            "{\"block\":[\"poll\"]}",
                            "{\"seconds\":1}")) {
                HttpRequest.Builder request = post(on.port(), path, bad);
                assertEquals(400, send(request.header("Peerline-Hello", hello)).statusCode(), bad);
            }
            HttpRequest.Builder good = post(on.port(), path, block);
            assertEquals(204, send(good.header("Peerline-Hello", hello)).statusCode());
            HttpRequest.Builder heal = post(on.port(), path, "{\"block\":[]}");
            assertEquals(204, send(heal.header("Peerline-Hello", hello)).statusCode());
            Answer poll = RawHttp.get(on.port(), "/v1/link", "Peerline-Hello: " + hello);
            assertEquals(200, poll.status());
        }
    }

    @ParameterizedTest
    @EnumSource
    void allGoesOverTlsByBothVersionsOfHttpAndAClientThatLeavesIsNoticed(Version version)
            throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
        try (Serving serving = Serving.with("--tls-self-signed", "--tls-port=0");
                HttpClient tls =
                        HttpClient.newBuilder().sslContext(context).version(version).build()) {
            int port = serving.server().http().tlsPort();
            URI link = URI.create("https://localhost:" + port + "/v1/link");
            String hello = header(LinkClient.hello("lobby", "ada", null));
            HttpRequest poll = HttpRequest.newBuilder(link).header("Peerline-Hello", hello).build();
            HttpResponse<byte[]> first = tls.send(poll, BodyHandlers.ofByteArray());
            assertEquals(version, first.version());
            assertEquals("ada", welcome(first.body()).name());

            byte[] packet = LinkClient.packet(LinkClient.hello("lobby", "ada", null)).toArray();
            HttpRequest up =
                    HttpRequest.newBuilder(link)
                            .header("Content-Type", TYPE)
                            .POST(HttpRequest.BodyPublishers.ofByteArray(packet))
                            .build();
            HttpResponse<byte[]> taken = tls.send(up, BodyHandlers.ofByteArray());
            assertEquals(200, taken.statusCode());
            assertEquals(TYPE, taken.headers().firstValue("Content-Type").orElse(""));

            HttpRequest asked =
                    HttpRequest.newBuilder(link)
                            .header("Peerline-Hello", hello)
                            .header("Accept", "text/event-stream")
                            .build();
            HttpResponse<InputStream> stream = tls.send(asked, BodyHandlers.ofInputStream());
            try (InputStream body = stream.body()) {
                assertEquals("ada", welcome(body).name());
                assertEquals(1, connections(serving));
            }
            // Each look is a request of its own, and the test has a time limit.
            int open = 1;
            while (open > 0) open = connections(serving);
            assertEquals(0, open);
        }
    }

    private static int connections(Serving serving) throws IOException {
        String metrics = RawHttp.get(serving.port(), "/metrics").text();
        return metrics.lines()
                .filter(line -> line.startsWith("peerline_link_connections "))
                .mapToInt(line -> Integer.parseInt(line.split(" ", 2)[1]))
                .findFirst()
                .orElseThrow();
    }
}
