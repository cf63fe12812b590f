package dev.peerline.datachannel.interop;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCAnswerOptions;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelInit;
import dev.onvoid.webrtc.RTCDataChannelObserver;
import dev.onvoid.webrtc.RTCDataChannelState;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;

import org.jspecify.annotations.Nullable;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A peer of libwebrtc that repeats whatever it is sent, in a process of its own: JSON lines, as
 * {@link ForeignPeer} speaks them. Its callbacks come on libwebrtc's threads, which must not call
 * back into it: one thread does.
 */
final class LibwebrtcPeer implements PeerConnectionObserver {
    private static final Gson GSON = new Gson();
    private static final PrintStream OUT =
            new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final ExecutorService turns;
    private final Map<String, RTCDataChannel> channels = new ConcurrentHashMap<>();
    private final RTCPeerConnection connection;

    private LibwebrtcPeer(PeerConnectionFactory factory, ExecutorService turns) {
        this.turns = turns;
        connection = factory.createPeerConnection(new RTCConfiguration(), this);
    }

    static void main() throws IOException {
        PeerConnectionFactory factory;
        try {
            factory = new PeerConnectionFactory(new HeadlessAudioDeviceModule());
        } catch (LinkageError problem) {
            tell("missing", "reason", "webrtc-java has nothing for this machine: " + problem);
            return;
        }
        tell("ready");
        ExecutorService turns = Executors.newSingleThreadExecutor();
        LibwebrtcPeer[] peer = new LibwebrtcPeer[1];
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                JsonObject command = JsonParser.parseString(line).getAsJsonObject();
                turns.execute(
                        () -> {
                            String op = command.get("op").getAsString();
                            if (op.equals("new")) peer[0] = new LibwebrtcPeer(factory, turns);
                            else peer[0].perform(op, command);
                        });
            }
        }
        Runtime.getRuntime().halt(0); // whatever native threads still do
    }

    private void perform(String op, JsonObject with) {
        switch (op) {
            case "create" -> listen(create(text(with, "label"), with.getAsJsonObject("init")));
            case "offer" -> connection.createOffer(new RTCOfferOptions(), new Described());
            case "restart" -> connection.restartIce();
            case "remote" -> remote(text(with, "type").equals("offer"), text(with, "sdp"));
            case "candidate" -> {
                JsonObject candidate = with.getAsJsonObject("candidate");
                String mid = text(candidate, "sdpMid");
                connection.addIceCandidate(
                        new RTCIceCandidate(mid, 0, text(candidate, "candidate")));
            }
            case "shut" -> Objects.requireNonNull(channels.get(text(with, "label"))).close();
            case "close" -> connection.close();
            default -> tell("error", "message", "unknown: " + op);
        }
    }

    private static String text(JsonObject object, String name) {
        return object.get(name).getAsString();
    }

    private RTCDataChannel create(String label, @Nullable JsonObject init) {
        RTCDataChannelInit options = new RTCDataChannelInit();
        if (init != null) {
            options.ordered = init.get("ordered").getAsBoolean();
            options.maxRetransmits = init.get("maxRetransmits").getAsInt();
            options.protocol = text(init, "protocol");
        }
        return connection.createDataChannel(label, options);
    }

    private void listen(RTCDataChannel channel) {
        channels.put(channel.getLabel(), channel);
        channel.registerObserver(
                new RTCDataChannelObserver() {
                    @Override
                    public void onBufferedAmountChange(long previous) {}

                    @Override
                    public void onStateChange() {
                        turns.execute(() -> changed(channel));
                    }

                    @Override
                    public void onMessage(RTCDataChannelBuffer message) {
                        // The memory is only lent.
                        byte[] data = new byte[message.data.remaining()];
                        message.data.get(data);
                        boolean binary = message.binary;
                        turns.execute(() -> send(channel, data, binary));
                    }
                });
        changed(channel);
    }

    private static void changed(RTCDataChannel channel) {
        RTCDataChannelState state = channel.getState();
        if (state == RTCDataChannelState.CLOSED) tell("closed", "label", channel.getLabel());
        if (state != RTCDataChannelState.OPEN) return;
        tell(
                "open",
                "label",
                channel.getLabel(),
                "maxPacketLifeTime",
                channel.getMaxPacketLifeTime(),
                "protocol",
                channel.getProtocol());
    }

    @SuppressWarnings("CatchingUnchecked") // it is declared as the mother of all
    private static void send(RTCDataChannel channel, byte[] data, boolean binary) {
        try {
            channel.send(new RTCDataChannelBuffer(ByteBuffer.wrap(data), binary));
        } catch (Exception problem) {
            tell("error", "message", problem.toString());
        }
    }

    private void remote(boolean offered, String sdp) {
        RTCSessionDescription description =
                new RTCSessionDescription(offered ? RTCSdpType.OFFER : RTCSdpType.ANSWER, sdp);
        connection.setRemoteDescription(
                description,
                new Set(
                        () -> {
                            if (offered)
                                connection.createAnswer(new RTCAnswerOptions(), new Described());
                        }));
    }

    /** What was created is set, and told. */
    private final class Described implements CreateSessionDescriptionObserver {
        @Override
        public void onSuccess(RTCSessionDescription description) {
            turns.execute(
                    () ->
                            connection.setLocalDescription(
                                    description, new Set(() -> told(description))));
        }

        private static void told(RTCSessionDescription description) {
            boolean offer = description.sdpType == RTCSdpType.OFFER;
            tell("sdp", "type", offer ? "offer" : "answer", "sdp", description.sdp);
        }

        @Override
        public void onFailure(String problem) {
            tell("error", "message", problem);
        }
    }

    private final class Set implements SetSessionDescriptionObserver {
        private final Runnable then;

        Set(Runnable then) {
            this.then = then;
        }

        @Override
        public void onSuccess() {
            turns.execute(then);
        }

        @Override
        public void onFailure(String problem) {
            tell("error", "message", problem);
        }
    }

    @Override
    public void onIceCandidate(RTCIceCandidate candidate) {
        JsonObject told = new JsonObject();
        told.addProperty("candidate", candidate.sdp);
        told.addProperty("sdpMid", candidate.sdpMid);
        told.addProperty("sdpMLineIndex", candidate.sdpMLineIndex);
        tell("candidate", "candidate", told);
    }

    @Override
    public void onDataChannel(RTCDataChannel channel) {
        turns.execute(() -> listen(channel));
    }

    /** An event, and names and values in turn. */
    private static void tell(String event, Object... properties) {
        JsonObject told = new JsonObject();
        told.addProperty("ev", event);
        for (int i = 0; i < properties.length; i += 2)
            told.add((String) properties[i], GSON.toJsonTree(properties[i + 1]));
        synchronized (OUT) {
            OUT.println(told);
        }
    }
}
