// libwebrtc by webrtc-java (dev.onvoid.webrtc), as a peer of JSON lines.

import dev.onvoid.webrtc.*;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class WebrtcJava {
    private static final Pattern FIELD =
            Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|(\\[[^]]*]|[^,}]+))");
    private static final int HIGH = 1 << 20;
    private static final PrintStream OUT = System.out;
    private static final PeerConnectionFactory FACTORY =
            new PeerConnectionFactory(new HeadlessAudioDeviceModule());

    private static final Map<String, RTCDataChannel> CHANNELS = new ConcurrentHashMap<>();
    private static final Map<String, Semaphore> PONGS = new ConcurrentHashMap<>();
    private static final ExecutorService LATER =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
    private static RTCPeerConnection connection;
    private static long started;
    private static volatile boolean echo;
    private static long bytes;
    private static long messages;
    private static long firstNanos;
    private static long lastNanos;
    private static int firstBytes;

    public static void main(String[] arguments) throws Exception {
        tell("{\"ev\":\"ready\"}");
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            Map<String, String> command = parse(line);
            switch (command.get("op")) {
                case "offer" -> offer(command.getOrDefault("channels", "[\"bench\"]"));
                case "remote" -> remote(command.get("type"), command.get("sdp"));
                case "mode" -> mode(command.get("echo").equals("true"));
                case "send" ->
                        Thread.ofPlatform().daemon().start(() -> guarded(() -> send(command)));
                case "ping" ->
                        Thread.ofPlatform().daemon().start(() -> guarded(() -> ping(command)));
                case "recv" -> received();
                case "close" -> close();
                case "quit" -> Runtime.getRuntime().halt(0);
                default -> error("unknown: " + line);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private interface Task {
        void run() throws Exception;
    }

    private static void guarded(Task task) {
        try {
            task.run();
        } catch (Exception problem) {
            error(problem.toString());
        }
    }

    private static synchronized void tell(String json) {
        OUT.println(json);
        OUT.flush();
    }

    private static void error(String text) {
        tell("{\"ev\":\"error\",\"msg\":\"" + escape(text) + "\"}");
    }

    private static String escape(String text) {
        return text.replace("\\", "\\\\")
                .replace("\"", "\\\"")
                .replace("\r", "\\r")
                .replace("\n", "\\n");
    }

    private static Map<String, String> parse(String line) {
        Map<String, String> fields = new HashMap<>();
        for (Matcher found = FIELD.matcher(line); found.find(); ) {
            String text = found.group(2);
            fields.put(
                    found.group(1),
                    text == null
                            ? found.group(3).trim()
                            : text.replace("\\r", "\r").replace("\\n", "\n").replace("\\\"", "\""));
        }
        return fields;
    }

    private static void open() {
        if (connection != null) return;
        started = System.nanoTime();
        connection =
                FACTORY.createPeerConnection(
                        new RTCConfiguration(),
                        new PeerConnectionObserver() {
                            @Override
                            public void onIceCandidate(RTCIceCandidate candidate) {}

                            @Override
                            public void onIceGatheringChange(RTCIceGatheringState state) {
                                if (state == RTCIceGatheringState.COMPLETE)
                                    LATER.execute(WebrtcJava::describe);
                            }

                            @Override
                            public void onDataChannel(RTCDataChannel channel) {
                                listen(channel);
                            }
                        });
    }

    private static void describe() {
        RTCSessionDescription local = connection.getLocalDescription();
        tell(
                "{\"ev\":\"sdp\",\"type\":\""
                        + local.sdpType.name().toLowerCase()
                        + "\",\"sdp\":\""
                        + escape(local.sdp)
                        + "\"}");
    }

    private static void offer(String labels) {
        open();
        for (String label : labels.replaceAll("[\\[\\]\"]", "").split(","))
            listen(connection.createDataChannel(label, new RTCDataChannelInit()));
        connection.createOffer(new RTCOfferOptions(), created());
    }

    private static void remote(String type, String sdp) {
        open();
        boolean offer = type.equals("offer");
        RTCSdpType sdpType = offer ? RTCSdpType.OFFER : RTCSdpType.ANSWER;
        connection.setRemoteDescription(
                new RTCSessionDescription(sdpType, sdp),
                set(
                        () -> {
                            if (offer)
                                LATER.execute(
                                        () ->
                                                connection.createAnswer(
                                                        new RTCAnswerOptions(), created()));
                        }));
    }

    private static CreateSessionDescriptionObserver created() {
        return new CreateSessionDescriptionObserver() {
            @Override
            public void onSuccess(RTCSessionDescription description) {
                LATER.execute(() -> connection.setLocalDescription(description, set(() -> {})));
            }

            @Override
            public void onFailure(String problem) {
                error(problem);
            }
        };
    }

    private static SetSessionDescriptionObserver set(Runnable then) {
        return new SetSessionDescriptionObserver() {
            @Override
            public void onSuccess() {
                then.run();
            }

            @Override
            public void onFailure(String problem) {
                error(problem);
            }
        };
    }

    private static void listen(RTCDataChannel channel) {
        String label = channel.getLabel();
        CHANNELS.put(label, channel);
        channel.registerObserver(
                new RTCDataChannelObserver() {
                    private boolean told;

                    @Override
                    public void onBufferedAmountChange(long previous) {}

                    @Override
                    public void onStateChange() {
                        if (channel.getState() != RTCDataChannelState.OPEN
                                || told
                                || !label.equals("bench")) return;
                        told = true;
                        tell(
                                "{\"ev\":\"open\",\"ms\":"
                                        + (System.nanoTime() - started) / 1e6
                                        + "}");
                    }

                    @Override
                    public void onMessage(RTCDataChannelBuffer buffer) {
                        message(label, buffer.data);
                    }
                });
        if (channel.getState() == RTCDataChannelState.OPEN && label.equals("bench"))
            tell("{\"ev\":\"open\",\"ms\":" + (System.nanoTime() - started) / 1e6 + "}");
    }

    private static void message(String label, ByteBuffer data) {
        Semaphore pong = PONGS.get(label);
        if (pong != null) {
            pong.release();
        } else if (echo || label.equals("quiet")) {
            byte[] copy = new byte[data.remaining()];
            data.get(copy);
            guarded(
                    () ->
                            CHANNELS.get(label)
                                    .send(new RTCDataChannelBuffer(ByteBuffer.wrap(copy), true)));
        } else {
            count(data.remaining());
        }
    }

    private static synchronized void count(int length) {
        long now = System.nanoTime();
        if (messages++ == 0) {
            firstNanos = now;
            firstBytes = length;
        }
        bytes += length;
        lastNanos = now;
    }

    private static synchronized void forget() {
        bytes = 0;
        messages = 0;
    }

    private static void mode(boolean repeats) {
        echo = repeats;
        forget();
        tell("{\"ev\":\"ok\"}");
    }

    private static synchronized void received() {
        double millis = messages == 0 ? 0 : (lastNanos - firstNanos) / 1e6;
        tell(
                "{\"ev\":\"recv\",\"bytes\":"
                        + bytes
                        + ",\"msgs\":"
                        + messages
                        + ",\"ms\":"
                        + millis
                        + ",\"firstLen\":"
                        + firstBytes
                        + "}");
        forget();
    }

    private static void send(Map<String, String> command) throws Exception {
        RTCDataChannel channel = CHANNELS.get("bench");
        byte[] data = new byte[Integer.parseInt(command.get("size"))];
        long end = System.nanoTime() + (long) (Double.parseDouble(command.get("secs")) * 1e9);
        long sent = 0;
        while (System.nanoTime() < end) {
            if (channel.getBufferedAmount() >= HIGH) {
                Thread.sleep(0, 200_000);
                continue;
            }
            channel.send(new RTCDataChannelBuffer(ByteBuffer.wrap(data), true));
            sent++;
        }
        for (int i = 0; i < 300 && channel.getBufferedAmount() > 0; i++) Thread.sleep(10);
        tell("{\"ev\":\"sent\",\"msgs\":" + sent + ",\"bytes\":" + sent * data.length + "}");
    }

    private static void ping(Map<String, String> command) throws Exception {
        String label = command.getOrDefault("channel", "bench");
        int n = Integer.parseInt(command.get("n"));
        byte[] data = new byte[Integer.parseInt(command.get("size"))];
        Semaphore pong = new Semaphore(0);
        PONGS.put(label, pong);
        double[] took = new double[n];
        for (int i = 0; i < n; i++) {
            long began = System.nanoTime();
            CHANNELS.get(label).send(new RTCDataChannelBuffer(ByteBuffer.wrap(data), true));
            pong.acquire();
            took[i] = (System.nanoTime() - began) / 1e3;
        }
        PONGS.remove(label);
        Arrays.sort(took);
        tell(
                "{\"ev\":\"rtt\",\"n\":"
                        + n
                        + ",\"p50_us\":"
                        + took[n / 2]
                        + ",\"p99_us\":"
                        + took[(int) (n * .99)]
                        + "}");
    }

    private static void close() {
        connection.close();
        connection = null;
        CHANNELS.clear();
        tell("{\"ev\":\"ready\"}");
    }
}
