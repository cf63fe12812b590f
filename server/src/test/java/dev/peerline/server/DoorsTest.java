package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Every door, in every mode, for hosts and origins of ours and of others. */
final class DoorsTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String UPGRADE =
            "Upgrade: websocket|Connection: Upgrade|Sec-WebSocket-Version: 13|"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==|"
                    + "Sec-WebSocket-Protocol: peerline.1";

    @TempDir static Path folder;

    private static final Map<String, Serving> SERVERS = new TreeMap<>();

    @BeforeAll
    static void start() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), SECRET);
        SERVERS.put("loopback", Serving.with("--hostname", "dev.example"));
        SERVERS.put("allowing", Serving.with("--allow-origin", "https://app.example"));
        SERVERS.put("lan", Serving.with("--lan"));
        SERVERS.put("secret", Serving.with("--secret-file", secret.toString()));
        SERVERS.put(
                "public",
                Serving.with(
                        "--public",
                        "--secret-file",
                        secret.toString(),
                        "--hostname",
                        "peerline.example",
                        "--allow-origin",
                        "https://app.example"));
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(Serving::close);
        SERVERS.clear();
    }

    /**
     * Lines of mode, path, host, origin and what is answered: a status, or a status and a code. In
     * hosts and origins, PORT is the server's; "none" leaves the header out.
     */
    private static final String TABLE =
            """
            loopback /healthz    localhost:PORT     none                     200
            loopback /healthz    127.0.0.1:PORT     none                     200
            loopback /healthz    127.9.9.9:PORT     none                     200
            loopback /healthz    [::1]:PORT         none                     200
            loopback /healthz    LOCALHOST:PORT     none                     200
            loopback /healthz    localhost:9999     none                     200
            loopback /healthz    dev.example        none                     200
            loopback /healthz    evil.example       none                     403 FORBIDDEN_HOST
            loopback /healthz    evil.example:PORT  none                     403 FORBIDDEN_HOST
            loopback /healthz    localhost.evil.example none                 403 FORBIDDEN_HOST
            loopback /healthz    192.0.2.7:PORT     none                     403 FORBIDDEN_HOST
            loopback /healthz    localhost:x        none                     400
            loopback /           evil.example       none                     403 FORBIDDEN_HOST
            loopback /lobby      evil.example       none                     403 FORBIDDEN_HOST
            loopback /metrics    evil.example       none                     403 FORBIDDEN_HOST
            loopback /v1/link    evil.example       http://evil.example      403
            loopback /v1/link    localhost:PORT     http://evil.example      403
            loopback /v1/link    localhost:PORT     none                     400
            loopback /sdk/peerline.js localhost:PORT https://evil.example    403 FORBIDDEN_ORIGIN
            loopback /v1/config  localhost:PORT     http://localhost:PORT    200
            loopback /v1/config  localhost:PORT     http://localhost:1       403 FORBIDDEN_ORIGIN
            loopback /v1/config  localhost:PORT     http://evil.example      403 FORBIDDEN_ORIGIN
            loopback /v1/config  localhost:PORT     null                     403 FORBIDDEN_ORIGIN
            loopback /v1/config  localhost:PORT     garbage                  403 FORBIDDEN_ORIGIN
            loopback /v1/config  dev.example        https://dev.example      200
            loopback /v1/ice-servers localhost:PORT http://evil.example      403 FORBIDDEN_ORIGIN
            loopback /v1/ice-servers localhost:PORT none                     200
            loopback WS          localhost:PORT     http://localhost:PORT    101
            loopback WS          localhost:PORT     none                     101
            loopback WS          localhost:PORT     http://evil.example      403 FORBIDDEN_ORIGIN
            loopback WS          evil.example       http://evil.example      403 FORBIDDEN_HOST
            allowing /v1/config  localhost:PORT     https://app.example      200
            allowing /v1/config  localhost:PORT     https://app.example:443  200
            allowing /v1/config  localhost:PORT     http://app.example       403 FORBIDDEN_ORIGIN
            allowing /v1/config  localhost:PORT     https://app.example:444  403 FORBIDDEN_ORIGIN
            allowing WS          localhost:PORT     https://app.example      101
            allowing WS          localhost:PORT     https://evil.example     403 FORBIDDEN_ORIGIN
            lan      /v1/config  localhost:PORT     none                     200
            lan      /v1/config  evil.example       none                     403 FORBIDDEN_HOST
            lan      WS          localhost:PORT     http://evil.example      403 FORBIDDEN_ORIGIN
            secret   /v1/config  any.example        https://any.example      200
            secret   /v1/config  localhost:PORT     https://any.example      200
            secret   /v1/ice-servers localhost:PORT none                     401 UNAUTHORIZED
            secret   /metrics    localhost:PORT     none                     200
            secret   WS          localhost:PORT     https://any.example      101
            public   /           peerline.example   none                     200
            public   /lobby      any.example        none                     200
            public   /v1/config  peerline.example   https://app.example      200
            public   /v1/config  peerline.example   https://peerline.example 200
            public   /v1/config  peerline.example   https://evil.example     403 FORBIDDEN_ORIGIN
            public   /v1/ice-servers peerline.example none                   401 UNAUTHORIZED
            public   /metrics    peerline.example   none                     404 NOT_FOUND
            public   /v1/demo-token peerline.example none                    404 NOT_FOUND
            public   WS          peerline.example   https://app.example      101
            public   WS          peerline.example   https://evil.example     403 FORBIDDEN_ORIGIN
            """;

    @TestFactory
    Stream<DynamicTest> answersWhomItShould() {
        return TABLE.lines().map(line -> dynamicTest(line, () -> check(line.split("\\s+", 5))));
    }

    private static void check(String[] row) throws IOException {
        Serving serving = SERVERS.get(row[0]);
        if (serving == null) throw new AssertionError(row[0]);
        List<String> headers = new ArrayList<>();
        String port = String.valueOf(serving.port());
        headers.add("Host: " + row[2].replace("PORT", port));
        if (!row[3].equals("none")) headers.add("Origin: " + row[3].replace("PORT", port));
        boolean upgrade = row[1].equals("WS");
        if (upgrade) headers.addAll(List.of(UPGRADE.split("\\|", -1)));
        RawHttp.Answer answer =
                RawHttp.get(
                        serving.port(),
                        upgrade ? "/v1/link" : row[1],
                        headers.toArray(String[]::new));
        assertEquals(row[4], (answer.status() + " " + answer.code()).strip());
        boolean foreign = !row[3].equals("none") && answer.status() == 403;
        if (foreign) assertNull(answer.header("Access-Control-Allow-Origin"));
        assertNull(answer.header("Set-Cookie"));
    }
}
