package dev.peerline.server.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.peerline.server.config.BadUsage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;

final class SecretFileTest {
    private static final String A = "a".repeat(32);
    private static final String B = "b".repeat(33);

    @TempDir Path folder;

    @Test
    void eachLineIsASecretTrimmed() throws Exception {
        Path file = Files.writeString(folder.resolve("s"), "  " + A + " \r\n\n" + B + "\n");
        assertEquals(List.of(Secret.of(A), Secret.of(B)), SecretFile.read(file));
    }

    @Test
    void aShortSecretIsRefusedByItsLineAndNotShown() throws IOException {
        Path file = Files.writeString(folder.resolve("s"), A + "\n" + "hunter2".repeat(4) + "\n");
        BadUsage problem = assertThrows(BadUsage.class, () -> SecretFile.read(file));
        assertTrue(problem.sentence().contains("line 2"));
        assertFalse(problem.sentence().contains("hunter2"));
    }

    @Test
    void filesThatAreEmptyMissingOrAFolderAreRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty"), "\n \n");
        assertThrows(BadUsage.class, () -> SecretFile.read(empty));
        assertThrows(BadUsage.class, () -> SecretFile.read(folder.resolve("none")));
        assertThrows(BadUsage.class, () -> SecretFile.read(folder));
    }

    @Test
    void aMadeSecretIsForItsOwnerAloneAndStays() throws Exception {
        Path file = folder.resolve("deep/er/secret");
        SecretFile.generate(file);
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertFalse(SecretFile.othersMayRead(file));
        String made = Files.readString(file);
        SecretFile.generate(file);
        assertEquals(made, Files.readString(file));
        assertEquals(1, SecretFile.read(file).size());
        try (var files = Files.list(folder.resolve("deep/er"))) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aSecretOfTwoServersIsNotTheSame() throws Exception {
        SecretFile.generate(folder.resolve("one"));
        SecretFile.generate(folder.resolve("two"));
        assertFalse(
                SecretFile.read(folder.resolve("one"))
                        .equals(SecretFile.read(folder.resolve("two"))));
    }

    @ParameterizedTest
    @CsvSource({
        "STATE_DIRECTORY,/var/lib/peerline,/var/lib/peerline/secret",
        "STATE_DIRECTORY,/a:/b,/a/secret",
        "XDG_STATE_HOME,/x,/x/peerline/secret"
    })
    void thePlaceIsTheServicesOrTheUsers(String variable, String value, String place) {
        assertEquals(Path.of(place), SecretFile.defaultPlace(Map.of(variable, value)));
    }
}
