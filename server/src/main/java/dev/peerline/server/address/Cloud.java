package dev.peerline.server.address;

import dev.peerline.server.config.IpLiteral;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Locale;

/**
 * Clouds that tell a machine its public IPv4 address, at an address of theirs that only the machine
 * reaches. They are asked only when somebody says so: elsewhere that address is anybody's.
 */
public enum Cloud {
    /** IMDSv2: a token first. */
    AWS("/latest/meta-data/public-ipv4", "X-aws-ec2-metadata-token", ""),
    GCP(
            "/computeMetadata/v1/instance/network-interfaces/0/access-configs/0/external-ip",
            "Metadata-Flavor",
            "Google"),
    AZURE(
            "/metadata/instance/network/interface/0/ipv4/ipAddress/0/publicIpAddress"
                    + "?api-version=2021-02-01&format=text",
            "Metadata",
            "true"),
    DIGITALOCEAN("/metadata/v1/interfaces/public/0/ipv4/address", "Accept", "text/plain"),
    HETZNER("/hetzner/v1/metadata/public-ipv4", "Accept", "text/plain");

    /** The same in all of them. */
    static final URI PLACE = URI.create("http://169.254.169.254");

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final String path;
    private final String header;
    private final String value;

    Cloud(String path, String header, String value) {
        this.path = path;
        this.header = header;
        this.value = value;
    }

    /**
     * The public address.
     *
     * @param place {@link #PLACE}
     * @throws IOException when nobody answers, or something else; the message says what
     */
    InetAddress publicAddress(URI place) throws IOException {
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
            String secret = this == AWS ? awsToken(client, place) : value;
            HttpRequest request =
                    HttpRequest.newBuilder(place.resolve(path))
                            .timeout(PATIENCE)
                            .header(header, secret)
                            .build();
            String text = body(client.send(request, BodyHandlers.ofString()));
            @Nullable InetAddress address = IpLiteral.parse(text);
            if (address == null) throw new IOException(this + " told no address");
            return address;
        } catch (InterruptedException problem) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", problem);
        }
    }

    private static String awsToken(HttpClient client, URI place)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(place.resolve("/latest/api/token"))
                        .timeout(PATIENCE)
                        .header("X-aws-ec2-metadata-token-ttl-seconds", "60")
                        .PUT(BodyPublishers.noBody())
                        .build();
        return body(client.send(request, BodyHandlers.ofString()));
    }

    private static String body(HttpResponse<String> answer) throws IOException {
        if (answer.statusCode() != 200)
            throw new IOException("status " + answer.statusCode() + " of " + answer.uri());
        return answer.body().strip();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** By its name. */
    public static final class Converter implements ITypeConverter<Cloud> {
        @Override
        public Cloud convert(String text) {
            try {
                return valueOf(text.strip().toUpperCase(Locale.ROOT));
            } catch (IllegalArgumentException _) {
                throw new TypeConversionException(
                        "\"" + text + "\" is none of aws, gcp, azure, digitalocean, hetzner");
            }
        }
    }
}
