package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.sdk.Message;
import dev.peerline.sdk.PathKind;
import dev.peerline.sdk.Room;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * A page in Chromium that counts: it sends 0, 1, 2, … to the room, 200 a second, and takes the same
 * from it. Its browser ends with it.
 */
final class BrowserPeer implements AutoCloseable {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private static final String FIND =
            """
            import { findChromium } from './web-demo/test/support/browser.js';
            process.exit(findChromium() ? 0 : 1);
            """;

    /** Says {@code joined}, then a line for each line of standard input, which is a question. */
    private static final String OPEN =
            """
            import { createInterface } from 'node:readline';
            import { launchBrowser } from './web-demo/test/support/browser.js';
            const [url, paths] = process.argv.slice(1);
            const browser = await launchBrowser();
            const page = await browser.newPage({ bypassCSP: true });
            page.on('pageerror', (error) => console.error(error));
            // The server's own, for its origin, and one that joins nothing by itself. (One that is made up here counts
            // as a page of the Internet, which Chromium keeps from this machine.)
            await page.goto(new URL('/healthz', url).href);
            await page.evaluate(async ([room, paths]) => {
              const sdk = '/sdk/peerline.js';
              const { join } = await import(sdk);
              const here = await join(room, { name: 'Page', paths });
              const receipts = [];
              let [next, wrong, timer] = [0, 0, 0];
              here.addEventListener('message', ({ data }) => {
                if (Number(data) !== next) wrong++;
                next = Number(data) + 1;
              });
              globalThis.peer = {
                start: async () => {
                  // Whom it does not know yet it does not send to.
                  while (!here.peers.size)
                    await new Promise((resolve) => here.addEventListener('peer', resolve, { once: true }));
                  const startedAt = performance.now();
                  timer = setInterval(() => {
                    while (receipts.length < (performance.now() - startedAt) / 5) {
                      receipts.push(here.send(String(receipts.length)));
                    }
                  }, 5);
                },
                stop: () => {
                  clearInterval(timer);
                  return { sent: receipts.length };
                },
                total: async () => {
                  const all = await Promise.all(receipts);
                  const missed = all.filter(({ delivered }) => delivered !== 1).length;
                  return { next, wrong, missed };
                },
                kind: () => ({ kind: [...here.peers.values()][0]?.path.kind }),
              };
            }, [url, paths.split(',')]);
            console.log('joined');
            for await (const line of createInterface({ input: process.stdin })) {
              const answer = await page.evaluate((name) => globalThis.peer[name](), line);
              console.log(JSON.stringify(answer ?? {}));
            }
            await browser.close();
            process.exit(0);
            """;

    private final Process node;
    private final BufferedReader answers;
    private final Collector<Integer> numbers = new Collector<>();
    private final AtomicInteger next = new AtomicInteger();
    private final List<Integer> wrong = new CopyOnWriteArrayList<>();

    private BrowserPeer(Process node) {
        this.node = node;
        answers = node.inputReader(StandardCharsets.UTF_8);
    }

    /** What keeps a page from being opened; empty if nothing does. */
    static String missing() throws InterruptedException {
        if (!Files.isDirectory(ROOT.resolve("node_modules/playwright-core"))) {
            return "npm ci has not been run";
        }
        try {
            return run(FIND).waitFor() == 0 ? "" : "there is no Chromium";
        } catch (IOException _) {
            return "Node 20 is not on the path";
        }
    }

    /** A page that has joined. */
    static BrowserPeer open(URI url, Set<PathKind> paths) throws IOException {
        String kinds = paths.stream().map(PathKind::text).collect(Collectors.joining(","));
        BrowserPeer page = new BrowserPeer(run(OPEN, url.toString(), kinds));
        try {
            assertEquals("joined", page.answers.readLine());
        } catch (IOException | AssertionError problem) {
            page.close();
            throw problem;
        }
        return page;
    }

    private static Process run(String script, String... arguments) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("node", "--input-type=module", "-e", script, "--");
        builder.command().addAll(List.of(arguments));
        return builder.directory(new File(ROOT.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private JsonObject ask(String question) throws IOException {
        node.outputWriter(StandardCharsets.UTF_8).append(question).append('\n').flush();
        String answer = answers.readLine();
        if (answer == null) throw new AssertionError("the page is gone");
        return JsonParser.parseString(answer).getAsJsonObject();
    }

    /** Begins to send, and is heard in a room. */
    void start(Room room) throws IOException {
        room.onMessage(this::heard);
        ask("start");
    }

    private void heard(Message message) {
        int number = Integer.parseInt(message.text());
        if (number != next.getAndSet(number + 1)) wrong.add(number);
        numbers.accept(number);
    }

    /** So many messages of the page come from now on. */
    void hears(int count) throws InterruptedException {
        int until = next.get() + count;
        numbers.next(number -> number >= until);
    }

    /** What the page takes the path for. */
    PathKind kind() throws IOException {
        return PathKind.parse(ask("kind").get("kind").getAsString());
    }

    /**
     * Has it stop. All that each sent has then arrived, once and in order.
     *
     * @param sent to the page, and acknowledged
     */
    void check(int sent) throws Exception {
        int count = ask("stop").get("sent").getAsInt();
        JsonObject total = ask("total");
        if (next.get() < count) numbers.next(number -> number >= count - 1);
        int missed = total.get("missed").getAsInt();
        int disordered = total.get("wrong").getAsInt();
        int came = total.get("next").getAsInt();
        assertAll(
                () -> assertEquals(List.of(), wrong, "what came from the page out of turn"),
                () -> assertEquals(count, next.get(), "what the page sent"),
                () -> assertEquals(0, missed, "what the page was told is missed"),
                () -> assertEquals(0, disordered, "what came to the page out of turn"),
                () -> assertEquals(sent, came, "what came to the page"));
    }

    @Override
    public void close() throws IOException {
        node.getOutputStream().close();
        try {
            if (node.waitFor(60, TimeUnit.SECONDS)) return;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        node.destroyForcibly();
    }
}
