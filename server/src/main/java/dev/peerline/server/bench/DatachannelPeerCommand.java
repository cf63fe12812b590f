package dev.peerline.server.bench;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.peerline.datachannel.DataChannel;
import dev.peerline.datachannel.IceCandidateInit;
import dev.peerline.datachannel.PeerConnection;
import dev.peerline.datachannel.PeerConnectionFactory;
import dev.peerline.datachannel.PeerConnectionOptions;
import dev.peerline.datachannel.SessionDescription;
import dev.peerline.datachannel.ice.IcePortOptions;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Our data-channel peer for runs beside others: JSON lines in, JSON lines out. */
@Command(
        name = "datachannel-peer",
        description = "A data-channel peer that does what JSON lines on stdin tell it.")
public final class DatachannelPeerCommand implements Callable<Integer> {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();
    private static final long PATIENCE_SECONDS = 60;

    @Spec private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean help;

    @Option(
            names = "--cold",
            description = "Do not load the classes of a connection before saying ready.")
    boolean cold;

    /** Listeners run on the network's thread: nothing in here waits. */
    private final PeerConnectionOptions options =
            PeerConnectionOptions.defaults().withCallbacks(Runnable::run);

    private @Nullable BenchPeer peer;

    @Override
    public Integer call() throws IOException {
        if (!cold) warmUp();
        tell(BenchPeer.event("ready"));
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.isBlank()) continue;
            try {
                JsonObject command = JsonParser.parseString(line).getAsJsonObject();
                if (text(command, "op", "").equals("quit")) break;
                run(command);
            } catch (Exception problem) {
                JsonObject event = BenchPeer.event("error");
                event.addProperty("msg", String.valueOf(problem));
                tell(event);
            }
        }
        if (peer != null) peer.close();
        return 0;
    }

    private void run(JsonObject command) throws Exception {
        boolean trickle = command.has("trickle") && command.get("trickle").getAsBoolean();
        switch (text(command, "op", "")) {
            case "offer" -> peer().offer(labels(command), trickle);
            case "remote" ->
                    peer().remote(
                                    new SessionDescription(
                                            SessionDescription.Type.parse(
                                                    text(command, "type", "")),
                                            text(command, "sdp", "")),
                                    trickle);
            case "candidate" -> peer().addCandidate(text(command, "candidate", ""));
            case "mode" -> peer().mode(command.has("echo") && command.get("echo").getAsBoolean());
            case "text" -> peer().text(text(command, "data", ""));
            case "send" ->
                    peer().send(command.get("size").getAsInt(), command.get("secs").getAsDouble());
            case "ping" ->
                    peer().ping(
                                    command.get("n").getAsInt(),
                                    command.get("size").getAsInt(),
                                    text(command, "channel", BenchPeer.BULK));
            case "recv" -> peer().recv();
            case "close" -> {
                peer().close();
                peer = null;
                tell(BenchPeer.event("ready"));
            }
            default -> throw new IllegalArgumentException("op is unknown: " + command);
        }
    }

    private static List<String> labels(JsonObject command) {
        if (!command.has("channels")) return List.of(text(command, "label", BenchPeer.BULK));
        return command.getAsJsonArray("channels").asList().stream()
                .map(JsonElement::getAsString)
                .toList();
    }

    private static String text(JsonObject command, String name, String otherwise) {
        JsonElement value = command.get(name);
        return value == null || value.isJsonNull() ? otherwise : value.getAsString();
    }

    private BenchPeer peer() {
        BenchPeer current = peer;
        if (current == null) {
            current = new BenchPeer(options, this::tell);
            peer = current;
        }
        return current;
    }

    private void tell(JsonObject event) {
        PrintWriter out = spec.commandLine().getOut();
        synchronized (out) {
            out.println(GSON.toJson(event));
            out.flush();
        }
    }

    /** Two connections of this process: what is measured later is no longer class loading. */
    private void warmUp() throws IOException {
        try (PeerConnectionFactory one = PeerConnectionFactory.open(IcePortOptions.loopbackOnly());
                PeerConnectionFactory other =
                        PeerConnectionFactory.open(IcePortOptions.loopbackOnly());
                PeerConnection offerer = one.create(options);
                PeerConnection answerer = other.create(options)) {
            CompletableFuture<Void> open = new CompletableFuture<>();
            DataChannel channel = offerer.createDataChannel("warm");
            channel.onOpen(() -> open.complete(null));
            offerer.onIceCandidate(candidate -> take(answerer, candidate));
            answerer.onIceCandidate(candidate -> take(offerer, candidate));
            SessionDescription offer =
                    offerer.createOffer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            var _ = offerer.setLocalDescription(offer);
            var _ = answerer.setRemoteDescription(offer);
            SessionDescription answer =
                    answerer.createAnswer().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            var _ = answerer.setLocalDescription(answer);
            var _ = offerer.setRemoteDescription(answer);
            open.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (IOException problem) {
            throw problem;
        } catch (Exception problem) {
            throw new IOException("two connections of this process do not meet", problem);
        }
    }

    private static void take(PeerConnection peer, IceCandidateInit candidate) {
        // What fails shows as a channel that does not open.
        var _ = peer.addIceCandidate(candidate);
    }
}
