package dev.peerline.server.address;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import dev.peerline.server.FakeStunServer;
import dev.peerline.server.config.HostAndPort;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Who is asked for this machine's public address: clouds' metadata services, and STUN servers. */
final class PublicAddressTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final String ADDRESS = "203.0.113.9";
    private static final String TOKEN = "AQAEA-token==";

    private final List<String> asked = new ArrayList<>();
    private final HttpServer metadata = server();
    private int status = 200;
    private String body = ADDRESS + "\n";

    private static HttpServer server() {
        try {
            return HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() {
        metadata.createContext("/", this::answer);
        metadata.start();
    }

    @AfterEach
    void stop() {
        metadata.stop(0);
    }

    private URI place() {
        return URI.create("http://127.0.0.1:" + metadata.getAddress().getPort());
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        asked.add(exchange.getRequestMethod() + " " + path);
        boolean token = path.equals("/latest/api/token");
        if (token)
            assertNotNull(
                    exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token-ttl-seconds"));
        byte[] bytes = (token ? TOKEN : body).getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(isWelcome(exchange, path) ? status : 403, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    /** The clouds refuse who does not say what no redirected browser would say. */
    private static boolean isWelcome(HttpExchange exchange, String path) {
        var headers = exchange.getRequestHeaders();
        if (path.equals("/latest/api/token")) return exchange.getRequestMethod().equals("PUT");
        if (path.startsWith("/latest/"))
            return TOKEN.equals(headers.getFirst("X-aws-ec2-metadata-token"));
        if (path.startsWith("/computeMetadata/"))
            return "Google".equals(headers.getFirst("Metadata-Flavor"));
        if (path.startsWith("/metadata/instance"))
            return "true".equals(headers.getFirst("Metadata"));
        return true;
    }

    /** As their documentation has them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    AWS          | /latest/meta-data/public-ipv4
                    GCP          | /computeMetadata/v1/instance/network-interfaces/0/access-configs/0/external-ip
                    AZURE        | /metadata/instance/network/interface/0/ipv4/ipAddress/0/publicIpAddress?api-version=2021-02-01&format=text
                    DIGITALOCEAN | /metadata/v1/interfaces/public/0/ipv4/address
                    HETZNER      | /hetzner/v1/metadata/public-ipv4
                    """)
    void everyCloudIsAskedInItsWay(Cloud cloud, String path) throws IOException {
        PublicAddress found = PublicAddress.ask(cloud, place());
        assertEquals(InetAddress.ofLiteral(ADDRESS), found.address());
        assertEquals(cloud.toString(), found.source());
        assertEquals("GET " + path, asked.getLast());
        assertEquals(cloud == Cloud.AWS ? 2 : 1, asked.size());
    }

    @Test
    void aCloudThatKnowsNoAddressIsToldWithWhatToDo() {
        status = 404;
        assertTold(assertThrows(IOException.class, () -> PublicAddress.ask(Cloud.GCP, place())));
    }

    /** A machine elsewhere may find anybody at that address. */
    @ParameterizedTest
    @ValueSource(strings = {"", "<html>sign in</html>", "example.org", "203.0.113.9 1.1.1.1"})
    void whatIsNoAddressIsNotTaken(String answer) {
        body = answer;
        IOException problem =
                assertThrows(IOException.class, () -> PublicAddress.ask(Cloud.HETZNER, place()));
        assertTold(problem);
        assertTrue(!String.valueOf(problem.getMessage()).contains("html"), problem.getMessage());
    }

    @Test
    void aCloudThatIsNotThereIsToldWithWhatToDo() {
        URI gone = place();
        metadata.stop(0);
        assertTold(assertThrows(IOException.class, () -> PublicAddress.ask(Cloud.AWS, gone)));
    }

    @Test
    void nobodyIsAskedUnlessTheOptionsSaySo() throws IOException {
        @Nullable HostAndPort noServer = null;
        assertNull(PublicAddress.ask(null, noServer));
        assertEquals(List.of(), asked);
    }

    @Test
    void aStunServerTellsTheAddressItSeesUsBy() throws IOException {
        try (FakeStunServer server = new FakeStunServer(InetAddress.ofLiteral(ADDRESS))) {
            PublicAddress found = PublicAddress.ask(null, at(server.port()));
            assertNotNull(found);
            assertEquals(InetAddress.ofLiteral(ADDRESS), found.address());
            assertEquals("stun", found.source());
        }
    }

    @Test
    void aStunServerThatIsNotThereIsToldWithWhatToDo() throws IOException {
        int port;
        try (DatagramSocket free = new DatagramSocket(0, LOOPBACK)) {
            port = free.getLocalPort();
        }
        assertTold(assertThrows(IOException.class, () -> PublicAddress.ask(null, at(port))));
    }

    private static HostAndPort at(int port) {
        return new HostAndPort("127.0.0.1", port);
    }

    private static void assertTold(IOException problem) {
        String message = String.valueOf(problem.getMessage());
        assertTrue(message.contains("--external-ip"), message);
        assertEquals(1, message.lines().count());
    }
}
