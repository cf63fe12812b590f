package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.RawHttp.Answer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** Pages and modules: where they are, and with which headers. */
final class StaticFilesTest {
    private static Serving serving;

    private StaticFilesTest() {}

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with();
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    private static Answer get(String path, String... headers) throws IOException {
        return RawHttp.get(serving.port(), path, headers);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/lobby", "/A-b_9", "/v2", "/sdk1", "/demo-room", "/lobby?x=1"})
    void thePageIsAtTheRootAndAtEveryRoom(String path) throws IOException {
        Answer answer = get(path);
        assertEquals(200, answer.status());
        assertEquals("text/html; charset=utf-8", answer.header("Content-Type"));
        assertTrue(answer.text().startsWith("<!doctype html>"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1",
                "/sdk",
                "/compare.html",
                "/compare/none.js",
                "/sdk/",
                "/sdk/none.js",
                "/sdk/../web/index.html",
                "/sdk/%2e%2e/web/index.html",
                "/sdk/..%2fweb%2findex.html",
                "/v1/nothing",
                "/a/b",
                "/a b",
                "/a.b",
                "/index.html",
                "/%00",
                "/dev/peerline/server/Main.class"
            })
    void nothingElseIsThere(String path) throws IOException {
        Answer answer = get(path.replace(" ", "%20"));
        assertEquals(404, answer.status());
        assertEquals("NOT_FOUND", answer.code());
    }

    @Test
    void aRoomHasAtMost64Characters() throws IOException {
        assertEquals(200, get("/" + "a".repeat(64)).status());
        assertEquals(404, get("/" + "a".repeat(65)).status());
    }

    @Test
    void aSlashAfterARoomLeadsToIt() throws IOException {
        Answer answer = get("/lobby/");
        assertEquals(308, answer.status());
        assertEquals("/lobby", answer.header("Location"));
        assertEquals(404, get("//evil.example/").status());
    }

    @Test
    void aPageRunsNothingButItsOwn() throws IOException {
        String policy = String.valueOf(get("/lobby").header("Content-Security-Policy"));
        List<String> directives = List.of(policy.split(";\\s*", -1));
        for (String needed :
                List.of(
                        "default-src 'none'",
                        "script-src 'self'",
                        "style-src 'self'",
                        "img-src 'self' data:",
                        "base-uri 'none'",
                        "form-action 'none'",
                        "frame-ancestors 'none'")) assertTrue(directives.contains(needed), needed);
        assertFalse(policy.contains("unsafe"));
        assertTrue(policy.contains("ws://localhost:" + serving.port()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/sdk/peerline.js", "/v1/config", "/healthz", "/nothing/here"})
    void everyAnswerHasTheSafeHeaders(String path) throws IOException {
        Answer answer = get(path);
        assertEquals("nosniff", answer.header("X-Content-Type-Options"));
        assertEquals("no-referrer", answer.header("Referrer-Policy"));
        assertNotNull(answer.header("Content-Security-Policy"));
        assertNull(answer.header("Set-Cookie"));
        assertNull(answer.header("Server"));
    }

    @Test
    void modulesAreJavaScriptAndCompressedForThoseWhoTakeIt() throws IOException {
        Answer plain = get("/sdk/peerline.js");
        assertEquals("text/javascript; charset=utf-8", plain.header("Content-Type"));
        assertEquals("no-cache", plain.header("Cache-Control"));
        assertEquals("Accept-Encoding", plain.header("Vary"));
        assertNull(plain.header("Content-Encoding"));
        Answer refusing = get("/sdk/peerline.js", "Accept-Encoding: gzip;q=0, br");
        assertNull(refusing.header("Content-Encoding"));
        Answer page = get("/", "Accept-Encoding: br, gzip");
        assertEquals("gzip", page.header("Content-Encoding"));
        byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(page.body())).readAllBytes();
        assertArrayEquals(get("/").body(), unpacked);
    }

    @Test
    void whatABrowserHasIsNotSentAgain() throws IOException {
        String etag = String.valueOf(get("/").header("ETag"));
        assertTrue(etag.startsWith("W/\""));
        for (String list : List.of(etag, "\"x\", " + etag, "*", etag.substring(2))) {
            Answer answer = get("/", "If-None-Match: " + list);
            assertEquals(304, answer.status(), list);
            assertEquals(etag, answer.header("ETag"));
            assertEquals("", answer.text());
        }
        assertEquals(200, get("/", "If-None-Match: \"x\"").status());
    }

    @ParameterizedTest
    @CsvSource({"/,200", "/sdk/peerline.js,200", "/healthz,200", "/none/such,404"})
    void headHasTheHeadersAlone(String path, int status) throws IOException {
        Answer head = RawHttp.send(serving.port(), "HEAD", path);
        assertEquals(status, head.status());
        assertEquals(get(path).header("Content-Length"), head.header("Content-Length"));
    }

    @Test
    void otherMethodsAreToldWhichThereAre() throws IOException {
        for (String path : List.of("/", "/healthz", "/v1/config", "/v1/ice-servers")) {
            Answer answer = RawHttp.send(serving.port(), "DELETE", path);
            assertEquals(405, answer.status(), path);
            assertEquals("METHOD_NOT_ALLOWED", answer.code(), path);
            assertEquals("GET, HEAD", answer.header("Allow"), path);
        }
    }
}
