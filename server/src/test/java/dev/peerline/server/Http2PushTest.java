package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is pushed over HTTP/2, as foreign clients see it. */
@Timeout(180)
final class Http2PushTest {
    /**
     * Asks for a path; prints what was pushed, in order, and the answer, as JSON. A line once the
     * request is on its way comes before.
     */
    private static final String CLIENT =
            """
            import { connect } from 'node:http2';
            const [url, path, push, header] = process.argv.slice(1);
            const session = connect(url, {
              rejectUnauthorized: false,
              settings: { enablePush: push === 'true' },
            });
            const read = async (stream) => {
              let text = '';
              stream.setEncoding('utf8');
              for await (const chunk of stream) text += chunk;
              return text;
            };
            const pushed = [];
            session.on('stream', (stream, request) => {
              const one = { path: request[':path'], authority: request[':authority'] };
              pushed.push(one);
              stream.on('push', (headers) => { one.status = headers[':status']; });
              one.done = read(stream).then((text) => { one.text = text; });
            });
            session.once('remoteSettings', () => {
              const more = header ? { 'if-none-match': header } : {};
              const stream = session.request({ ':path': path, ...more });
              stream.on('response', async (headers) => {
                const text = await read(stream);
                await Promise.all(pushed.map((one) => one.done));
                session.close();
                console.log(JSON.stringify({
                  pushed, text, status: headers[':status'], link: headers.link ?? '', etag: headers.etag,
                }));
              });
              session.ping(() => console.log('asked'));
            });
            """;

    private static Serving serving;

    private Http2PushTest() {}

    @BeforeAll
    static void start() throws IOException {
        serving = Serving.with("--tls-self-signed", "--tls-port=0");
    }

    @AfterAll
    static void stop() {
        serving.close();
    }

    private static boolean has(String program) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(program, "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            return process.waitFor() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    private static String url() {
        return "https://localhost:" + serving.server().http().tlsPort();
    }

    /** A client of Node's that has asked. */
    private record Asked(Process process, BufferedReader out) {
        JsonObject answer() throws IOException {
            String line = out.readLine();
            assertNotNull(line);
            return JsonParser.parseString(line).getAsJsonObject();
        }
    }

    private static Asked ask(String path, boolean push, String... etag) throws Exception {
        assumeTrue(has("node"), "left out: Node is not on the path");
        List<String> command =
                new ArrayList<>(List.of("node", "--input-type=module", "-e", CLIENT, url(), path));
        command.add("" + push);
        command.addAll(List.of(etag));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Asked asked = new Asked(process, process.inputReader(UTF_8));
        assertEquals("asked", asked.out().readLine());
        return asked;
    }

    private static JsonObject one(JsonArray pushed, int index) {
        return pushed.get(index).getAsJsonObject();
    }

    @Test
    void thePageBringsItsModulesToWhoTakesThem() throws Exception {
        JsonObject answer = ask("/lobby", true).answer();
        JsonArray pushed = answer.getAsJsonArray("pushed");
        assertEquals("", answer.get("link").getAsString());
        assertTrue(pushed.size() > 10, pushed.toString());
        assertEquals("/sdk/peerline.js", one(pushed, 0).get("path").getAsString());
        for (int i = 0; i < pushed.size(); i++) {
            JsonObject module = one(pushed, i);
            assertEquals(200, module.get("status").getAsInt());
            String path = module.get("path").getAsString();
            assertEquals(
                    RawHttp.get(serving.port(), path).text(), module.get("text").getAsString());
        }
        // Who has seen the page has its modules.
        String etag = answer.get("etag").getAsString();
        JsonObject again = ask("/lobby", true, etag).answer();
        assertEquals(304, again.get("status").getAsInt());
        assertTrue(again.getAsJsonArray("pushed").isEmpty());
    }

    @Test
    void theOthersAreToldWhichModulesToLoad() throws Exception {
        JsonObject answer = ask("/lobby", false).answer();
        assertTrue(answer.getAsJsonArray("pushed").isEmpty());
        String link = answer.get("link").getAsString();
        assertTrue(link.startsWith("</sdk/peerline.js>; rel=modulepreload, </sdk/"), link);
        assertEquals(link, RawHttp.get(serving.port(), "/lobby").header("Link"));
        for (String each : link.split(", ", -1)) {
            String path = each.substring(1, each.indexOf('>'));
            assertEquals(200, RawHttp.get(serving.port(), path).status(), path);
        }
    }

    @Test
    void nghttpSeesThePromises() throws Exception {
        assumeTrue(has("nghttp"), "left out: nghttp is not on the path (nghttp2-client)");
        Process nghttp =
                new ProcessBuilder("nghttp", "-nv", url() + "/lobby")
                        .redirectErrorStream(true)
                        .start();
        String said = new String(nghttp.getInputStream().readAllBytes(), UTF_8);
        assertTrue(said.contains("recv PUSH_PROMISE frame"), said);
        assertTrue(said.contains(":path: /sdk/peerline.js"), said);
    }

    @Test
    void messagesArePushedEachAsTheAnswerToTheNextPoll() throws Exception {
        int port = serving.port();
        String before = TopicTransport.publish(port, "pushed.a", "m0");
        Asked asked = ask("/v1/topics/pushed.*?after=" + before + "&wait=30&push=50", true);
        for (int i = 1; i <= 50; i++) TopicTransport.publish(port, "pushed.a", "m" + i);
        JsonObject answer = asked.answer();
        JsonArray pushed = answer.getAsJsonArray("pushed");
        assertEquals(50, pushed.size());
        String next = before;
        for (int i = 1; i <= 50; i++) {
            JsonObject one = one(pushed, i - 1);
            assertEquals(
                    "/v1/topics/pushed.*?after=" + next + "&limit=1",
                    one.get("path").getAsString());
            JsonObject page =
                    JsonParser.parseString(one.get("text").getAsString()).getAsJsonObject();
            JsonObject message = one(page.getAsJsonArray("messages"), 0);
            assertEquals("m" + i, message.get("data").getAsString());
            assertEquals("pushed.a", message.get("topic").getAsString());
            next = page.get("next").getAsString();
            assertEquals(message.get("id").getAsString(), next);
        }
        JsonObject last =
                JsonParser.parseString(answer.get("text").getAsString()).getAsJsonObject();
        assertEquals(next, last.get("next").getAsString());
        assertTrue(last.getAsJsonArray("messages").isEmpty());
    }

    @Test
    void whoTakesNoPushesHasAnOrdinaryLongPoll() throws Exception {
        TopicTransport.publish(serving.port(), "plain", "m");
        JsonObject answer = ask("/v1/topics/plain?after=0&wait=30&push=50", false).answer();
        assertTrue(answer.getAsJsonArray("pushed").isEmpty());
        assertTrue(answer.get("text").getAsString().contains("\"data\":\"m\""));
        assertFalse(answer.get("text").getAsString().contains("\"gap\""));
    }
}
