package dev.peerline.server.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Command line over environment over file over default. */
final class SettingsTest {
    private static final Set<String> KEYS = Set.of("port", "flag", "allow-origin");

    @TempDir Path folder;

    @Command(name = "any")
    static final class Any {
        @Option(names = "--port")
        int port = 1;

        @Option(names = "--flag", arity = "0..1", fallbackValue = "true")
        boolean flag;

        @Option(names = "--allow-origin", split = Settings.SEPARATOR)
        List<String> origins = new ArrayList<>();
    }

    private Any parse(Map<String, String> environment, String file, String... args)
            throws IOException, BadUsage {
        Path path = Files.writeString(folder.resolve("config"), file);
        Any any = new Any();
        new CommandLine(any)
                .setDefaultValueProvider(new Settings(environment, ConfigFile.read(path, KEYS)))
                .parseArgs(args);
        return any;
    }

    @Test
    void whatIsNearerBeatsWhatIsFarther() throws Exception {
        Map<String, String> environment = Map.of("PEERLINE_PORT", "3");
        assertEquals(1, parse(Map.of(), "").port);
        assertEquals(2, parse(Map.of(), "port = 2").port);
        assertEquals(3, parse(environment, "port = 2").port);
        assertEquals(4, parse(environment, "port = 2", "--port", "4").port);
    }

    @Test
    void aFlagStaysWhatTheNearestSays() throws Exception {
        Map<String, String> environment = Map.of("PEERLINE_FLAG", "true");
        assertEquals(true, parse(environment, "").flag);
        assertEquals(true, parse(environment, "", "--flag").flag);
        assertEquals(false, parse(environment, "", "--flag=false").flag);
        assertEquals(false, parse(Map.of("PEERLINE_FLAG", "false"), "flag=true").flag);
    }

    @Test
    void manyValuesAreReplacedAsAWhole() throws Exception {
        String file = "allow-origin = http://a\n# not this\n\nallow-origin = http://b = c\n";
        assertEquals(List.of("http://a", "http://b = c"), parse(Map.of(), file).origins);
        Map<String, String> environment = Map.of("PEERLINE_ALLOW_ORIGIN", " http://c  http://d ");
        assertEquals(List.of("http://c", "http://d"), parse(environment, file).origins);
        assertEquals(
                List.of("x", "y"),
                parse(environment, file, "--allow-origin", "x", "--allow-origin=y").origins);
    }

    @Test
    void anUnknownKeyIsToldWithItsLineAndTheNearest() {
        BadUsage problem =
                assertThrows(BadUsage.class, () -> parse(Map.of(), "port=1\nalow-origin=x"));
        assertEquals(
                "line 2: unknown key \"alow-origin\": did you mean \"allow-origin\"?",
                problem.sentence().substring(problem.sentence().indexOf("line")));
    }

    @Test
    void aLineWithoutAValueIsTold() {
        assertThrows(BadUsage.class, () -> parse(Map.of(), "port"));
        assertThrows(BadUsage.class, () -> parse(Map.of(), "= 7"));
    }

    @Test
    void aMistypedVariableIsTold() {
        Settings settings =
                new Settings(
                        Map.of("PEERLINE_PROT", "1", "PEERLINE_JAVA", "x", "PEERLINE_FOO_BAR", "y"),
                        ConfigFile.none());
        assertEquals(
                List.of("the variable PEERLINE_PROT is not used: did you mean PEERLINE_PORT?"),
                settings.unknownVariables(KEYS));
    }

    @Test
    void distanceCountsLetters() {
        assertEquals(0, Nearest.distance("port", "port"));
        assertEquals(1, Nearest.distance("prt", "port"));
        assertEquals(4, Nearest.distance("", "port"));
        assertEquals("port", Nearest.to("prt", KEYS));
    }

    @Test
    void durationsNeedAUnit() {
        DurationConverter converter = new DurationConverter();
        assertEquals(90_000, converter.convert("90s").toMillis());
        assertEquals(250, converter.convert("250ms").toMillis());
        assertEquals(3_600_000, converter.convert("1h").toMillis());
        for (String bad : List.of("", "5", "0s", "-1s", "1 h", "1.5h", "h", "9999999999s"))
            assertThrows(
                    CommandLine.TypeConversionException.class, () -> converter.convert(bad), bad);
    }

    @Test
    void rangesHoldWhatTheyShould() {
        assertEquals(true, holds("10.0.0.0/8", "10.255.0.1"));
        assertEquals(false, holds("10.0.0.0/8", "11.0.0.1"));
        assertEquals(true, holds("192.168.1.7", "192.168.1.7"));
        assertEquals(false, holds("192.168.1.7", "192.168.1.8"));
        assertEquals(true, holds("0.0.0.0/0", "8.8.8.8"));
        assertEquals(false, holds("0.0.0.0/0", "2001:db8::1"));
        assertEquals(true, holds("2001:db8::/33", "2001:db8:7fff::1"));
        assertEquals(false, holds("2001:db8::/33", "2001:db8:8000::1"));
        for (String bad :
                List.of("10/8", "10.0.0.0/33", "::/129", "a/8", "10.0.0.0/", "10.0.0.0/x"))
            assertNull(Cidr.parse(bad), bad);
    }

    @Test
    void addressesInUrlsAreShort() {
        assertEquals("[fd00::2]", inUrl("fd00:0:0:0:0:0:0:2"));
        assertEquals("[::1]", inUrl("::1"));
        assertEquals("[2001:db8::]", inUrl("2001:db8::"));
        assertEquals("[1:2:3:4:5:6:7:8]", inUrl("1:2:3:4:5:6:7:8"));
        assertEquals("[1:20::8]", inUrl("1:20:0:0:0:0:0:8"));
        assertEquals("10.0.0.1", inUrl("10.0.0.1"));
        for (String name :
                List.of("localhost", "1234", "1.2.3", "256.1.1.1", "", "::g", "1.2.3.4.5"))
            assertNull(IpLiteral.parse(name), name);
    }

    private static String inUrl(String text) {
        var address = IpLiteral.parse(text);
        if (address == null) throw new AssertionError(text);
        return IpLiteral.inUrl(address);
    }

    private static boolean holds(String range, String address) {
        Cidr cidr = Cidr.parse(range);
        var parsed = IpLiteral.parse(address);
        if (cidr == null || parsed == null) throw new AssertionError(range + " " + address);
        return cidr.contains(parsed);
    }
}
