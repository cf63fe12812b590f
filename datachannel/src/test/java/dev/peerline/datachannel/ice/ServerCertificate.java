package dev.peerline.datachannel.ice;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A self-signed certificate of the JDK's own keytool, as two PEM files.
 *
 * @param certificate its file
 * @param key its file
 */
record ServerCertificate(Path certificate, Path key) {
    private static final String PASSWORD = "secret";

    static ServerCertificate write(Path folder) throws Exception {
        Path store = folder.resolve("store.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-alias",
                                "it",
                                "-dname",
                                "CN=localhost",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        byte[] said = keytool.getInputStream().readAllBytes();
        if (!keytool.waitFor(60, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
            throw new IOException("keytool failed: " + new String(said, StandardCharsets.UTF_8));
        }
        KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
        ServerCertificate files =
                new ServerCertificate(folder.resolve("cert.pem"), folder.resolve("key.pem"));
        byte[] secret = keys.getKey("it", PASSWORD.toCharArray()).getEncoded();
        byte[] chain = keys.getCertificate("it").getEncoded();
        Files.writeString(files.certificate, pem("CERTIFICATE", chain));
        Files.writeString(files.key, pem("PRIVATE KEY", secret));
        return files;
    }

    private static String pem(String kind, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(kind, Base64.getMimeEncoder().encodeToString(der), kind);
    }
}
