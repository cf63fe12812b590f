package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonParser;

import dev.peerline.sdk.Data;
import dev.peerline.sdk.JoinOptions;
import dev.peerline.sdk.Message;
import dev.peerline.sdk.Peer;
import dev.peerline.sdk.PeerEvent;
import dev.peerline.sdk.Peerline;
import dev.peerline.sdk.Room;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A Java peer and one of the JavaScript SDK, which runs under Node, in one room. */
final class JavaWithNodeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Sends back what it gets: to everyone, and to its sender alone. */
    private static final String ECHO =
            """
            import { join } from './sdk/js/src/peerline.js';
            import WebSocket from 'ws';
            const room = await join(process.argv[1], { name: 'Node', WebSocket });
            room.addEventListener('message', async (e) => {
              const receipt = await room.send(e.data);
              await e.from.send({ delivered: receipt.delivered, from: e.from.name, direct: e.direct });
              if (e.data === 'leave') room.leave();
            });
            await room.send('here');
            """;

    /** Where Node or its modules are not there, this is left out, and says why. */
    @BeforeAll
    static void needsNode() throws Exception {
        assumeTrue(node(), "left out: Node 20 is not on the path");
        assumeTrue(
                Files.isDirectory(ROOT.resolve("node_modules/ws")),
                "left out: npm ci has not been run");
    }

    private static boolean node() throws InterruptedException {
        try {
            Process process = new ProcessBuilder("node", "--version").start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException _) {
            return false;
        }
    }

    @Test
    void eachUnderstandsTheOthersDataAndReceipts() throws Exception {
        try (Serving serving = Serving.with();
                Room ada = join(serving, "node")) {
            Collector<Message> got = new Collector<>();
            Collector<PeerEvent> left = new Collector<>();
            ada.onMessage(got);
            ada.onPeer(left);
            Process node = startNode(serving, "node");
            try {
                assertEquals("here", got.next().text());
                Peer peer = JavaCarriersTest.await(ada);
                assertEquals("Node", peer.name());
                assertEquals(1, ada.send("héllo").get(60, TimeUnit.SECONDS).delivered());
                assertEquals("héllo", got.next().text());
                Message answer = got.next();
                assertEquals(
                        JsonParser.parseString("{'delivered':1,'from':'Ada','direct':false}"),
                        answer.json());
                byte[] bytes = new byte[300_000];
                bytes[299_999] = -1;
                assertEquals(1, peer.send(Data.bytes(bytes)).get(60, TimeUnit.SECONDS).delivered());
                assertArrayEquals(bytes, got.next().bytes());
                assertEquals("true", got.next().json().getAsJsonObject().get("direct").toString());
                Data tree = Data.json(JsonParser.parseString("{\"a\":[1.5,null,{\"b\":\"ü\"}]}"));
                ada.send(tree).get(60, TimeUnit.SECONDS);
                assertEquals(tree.json(), got.next().json());
                got.next();
                ada.send("leave").get(60, TimeUnit.SECONDS);
                assertEquals("leave", got.next().text());
                left.next(event -> event.kind() == PeerEvent.Kind.LEFT);
            } finally {
                node.destroyForcibly();
            }
        }
    }

    @Test
    void aStreamOfMessagesComesBackInOrder() throws Exception {
        int count = 1_000;
        try (Serving serving = Serving.with();
                Room ada = join(serving, "stream")) {
            Collector<Message> got = new Collector<>();
            ada.onMessage(got);
            Process node = startNode(serving, "stream");
            try {
                got.next();
                for (int i = 0; i < count; i++) {
                    var _ = ada.send("" + i);
                }
                for (int i = 0; i < count; i++) {
                    assertEquals("" + i, got.next(message -> !message.direct()).text());
                }
            } finally {
                node.destroyForcibly();
            }
        }
    }

    private static Room join(Serving serving, String room) {
        return Peerline.join(url(serving, room), JoinOptions.named("Ada"));
    }

    private static URI url(Serving serving, String room) {
        return URI.create("http://127.0.0.1:" + serving.port() + "/" + room);
    }

    private static Process startNode(Serving serving, String room) throws IOException {
        return new ProcessBuilder(
                        "node", "--input-type=module", "-e", ECHO, url(serving, room).toString())
                .directory(new File(ROOT.toString()))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
