package dev.peerline.server.ice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import picocli.CommandLine.TypeConversionException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;

final class IceServersTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    @TempDir Path folder;

    private static String json(String... servers) {
        IceServer.Converter converter = new IceServer.Converter();
        return new IceServerList(
                        Arrays.stream(servers).map(converter::convert).toList(),
                        InstantSource.fixed(NOW))
                .json("peer");
    }

    @Test
    void noneIsAnEmptyList() {
        assertEquals("{\"iceServers\":[],\"ttl\":3600}", json());
    }

    @Test
    void stunHasNoCredentialsAndTurnHasThose() {
        assertEquals(
                "{\"iceServers\":[{\"urls\":[\"stun:stun.example:3478\"]},"
                        + "{\"urls\":[\"turn:t.example?transport=tcp\"],"
                        + "\"username\":\"u\",\"credential\":\"p,q\"}],\"ttl\":3600}",
                json("stun:stun.example:3478", "turn:t.example?transport=tcp,user=u,password=p,q"));
    }

    /** The expected value is what {@code openssl dgst -sha1 -hmac} makes of the same. */
    @Test
    void turnRestCredentialsEndAfterAnHour() throws Exception {
        Path secret = Files.writeString(folder.resolve("turn"), " north-south-east-west \n");
        assertEquals(
                "{\"iceServers\":[{\"urls\":[\"turns:[2001:db8::1]:5349\"],"
                        + "\"username\":\"1700003600:peer\","
                        + "\"credential\":\"w8JZWfh+QY5A7eek3EbwV42I75k=\"}],\"ttl\":3600}",
                json("turns:[2001:db8::1]:5349,secret-file=" + secret));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "http://a",
                "stun:",
                "stun:a b",
                "stun:a:0",
                "stun:a?transport=udp",
                "stun:a,user=u,password=p",
                "turn:a",
                "turn:a,user=u",
                "turn:a,password=p",
                "turn:a,user=,password=p",
                "turn:a?transport=sctp,user=u,password=p",
                "turn:a,secret-file=/does/not/exist"
            })
    void whatIsNoServerIsRefused(String text) {
        TypeConversionException problem =
                assertThrows(
                        TypeConversionException.class,
                        () -> new IceServer.Converter().convert(text));
        assertFalse(String.valueOf(problem.getMessage()).contains("password=p"));
    }
}
