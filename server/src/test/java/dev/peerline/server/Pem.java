package dev.peerline.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

/** A certificate for tests and its key, each in a PEM file. */
record Pem(Path chain, Path key) {
    /** Makes both, for a name. */
    static Pem make(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made =
                new ProcessBuilder(
                                keytool,
                                "-genkeypair",
                                "-alias",
                                "one",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + name,
                                "-storepass",
                                "password",
                                "-keystore",
                                store.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("keytool.log").toFile())
                        .start();
        assertEquals(0, made.waitFor());
        char[] password = "password".toCharArray();
        KeyStore keys = KeyStore.getInstance(store.toFile(), password);
        return new Pem(
                write(folder, "CERTIFICATE", keys.getCertificate("one").getEncoded()),
                write(folder, "PRIVATE KEY", keys.getKey("one", password).getEncoded()));
    }

    /** Writes a file. */
    static Path write(Path folder, String type, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder().encodeToString(bytes);
        return Files.writeString(
                Files.createTempFile(folder, "pem", null),
                "-----BEGIN %s-----%n%s%n-----END %s-----%n".formatted(type, text, type));
    }
}
