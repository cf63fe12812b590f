package dev.peerline.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

import dev.peerline.fallback.link.topic.TopicPattern;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.Callable;

/** Publishes one message to a topic, and prints its id. */
@Command(
        name = "push",
        description = "Publishes a message to a topic, and prints its id.",
        sortOptions = false,
        versionProvider = Main.Version.class)
final class PushCommand implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int CREATED = 201;

    @Parameters(index = "0", paramLabel = "TOPIC", description = "Such as news or prices.eur.")
    String topic = "";

    @Parameters(index = "1", paramLabel = "MESSAGE", description = "Its text.")
    String message = "";

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "Where the server is. Default: ${DEFAULT-VALUE}.")
    String server = "http://127.0.0.1:8080";

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "A token that may publish there; better as PEERLINE_TOKEN.")
    @Nullable String token;

    @Option(
            names = "--type",
            paramLabel = "TYPE",
            description = "The media type of the message. Default: ${DEFAULT-VALUE}.")
    String type = "text/plain; charset=utf-8";

    @Mixin CommonOptions common = new CommonOptions();

    @Spec CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        TopicPattern pattern = TopicPattern.parse(topic);
        if (pattern == null || !pattern.isTopic())
            throw usage("\"" + topic + "\" is no topic: write news or prices.eur");
        HttpRequest request = request();
        try (HttpClient client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(PATIENCE)
                        .build()) {
            HttpResponse<String> answer = send(client, request);
            PrintWriter out = spec.commandLine().getOut();
            out.println(id(answer));
            out.flush();
            return 0;
        }
    }

    private HttpRequest request() {
        URI url;
        try {
            url = URI.create(server.replaceFirst("/+$", "") + "/v1/topics/" + topic);
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(url)
                            .timeout(PATIENCE)
                            .header("Content-Type", type)
                            // So that the second attempt below is not a second message.
                            .header("Idempotency-Key", UUID.randomUUID().toString())
                            .POST(BodyPublishers.ofString(message, UTF_8));
            if (token != null) request.header("Authorization", "Bearer " + token.strip());
            return request.build();
        } catch (IllegalArgumentException problem) {
            throw usage(
                    "\"" + server + "\" is no base URL: write https://host or http://host:8080");
        }
    }

    private HttpResponse<String> send(HttpClient client, HttpRequest request)
            throws IOException, InterruptedException {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (ConnectException problem) {
            throw new IOException(
                    "No server answers at " + server + ": name it with --server", problem);
        } catch (HttpTimeoutException problem) {
            throw new IOException(server + " did not answer in time", problem);
        } catch (IOException _) {
            // The connection broke, and whether the message arrived nobody knows: the key does.
            return client.send(request, BodyHandlers.ofString());
        }
    }

    private String id(HttpResponse<String> answer) throws IOException {
        JsonObject body = new JsonObject();
        try {
            JsonElement json = JsonParser.parseString(answer.body());
            if (json.isJsonObject()) body = json.getAsJsonObject();
        } catch (JsonParseException _) {
            // told below
        }
        if (answer.statusCode() == CREATED && body.has("id")) return body.get("id").getAsString();
        if (body.has("code") && body.has("detail"))
            throw new IOException(
                    body.get("code").getAsString() + ": " + body.get("detail").getAsString());
        throw new IOException(
                "%s is no Peerline server: it answered %d".formatted(server, answer.statusCode()));
    }

    private ParameterException usage(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }
}
