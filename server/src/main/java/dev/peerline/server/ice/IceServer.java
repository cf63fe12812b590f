package dev.peerline.server.ice;

import dev.peerline.server.config.HostAndPort;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A STUN or TURN server.
 *
 * @param urls its ways in, as in RFC 7064 and RFC 7065: {@code turn:host:3478?transport=udp}
 * @param login how to use a TURN server; null for STUN
 */
public record IceServer(List<String> urls, @Nullable Login login) {
    public IceServer {
        urls = List.copyOf(urls);
    }

    /** Credentials made for each peer from a secret that the server knows too (TURN REST). */
    public static Login shared(String secret) {
        return new Shared(secret);
    }

    /** How peers prove themselves to a TURN server. */
    public sealed interface Login {}

    /** The same for everybody. */
    record Fixed(String user, String password) implements Login {
        @Override
        public String toString() {
            return "Fixed " + user;
        }
    }

    /** Credentials made for each peer from a secret that the TURN server knows too. */
    record Shared(String secret) implements Login {
        @Override
        public String toString() {
            return "Shared";
        }
    }

    /** Reads {@code URL[,user=U,password=P|,secret-file=F]}; a password may contain commas. */
    public static final class Converter implements ITypeConverter<IceServer> {
        private static final Pattern URL =
                Pattern.compile("(stuns?|turns?):([^?]+)(\\?transport=(?:udp|tcp))?");
        private static final Pattern FIXED = Pattern.compile("user=([^,]+),password=(.+)");
        private static final Pattern SHARED = Pattern.compile("secret-file=(.+)");

        @Override
        public IceServer convert(String text) {
            int comma = text.indexOf(',');
            String url = comma < 0 ? text : text.substring(0, comma);
            Matcher matcher = URL.matcher(url);
            boolean turn = url.startsWith("turn");
            if (!matcher.matches()
                    || HostAndPort.parse(matcher.group(2)) == null
                    || (!turn && matcher.group(3) != null))
                throw new TypeConversionException(
                        "\"%s\" is no ICE server: write stun:host:port or turn:host:port"
                                        .formatted(url)
                                + "?transport=udp");
            if (!turn && comma >= 0)
                throw new TypeConversionException("a STUN server takes no credentials");
            if (turn && comma < 0)
                throw new TypeConversionException(
                        "a TURN server needs ,user=U,password=P or ,secret-file=F after its URL");
            return new IceServer(List.of(url), turn ? login(text.substring(comma + 1)) : null);
        }

        private static Login login(String text) {
            Matcher fixed = FIXED.matcher(text);
            if (fixed.matches()) return new Fixed(fixed.group(1), fixed.group(2));
            Matcher shared = SHARED.matcher(text);
            if (shared.matches()) return new Shared(firstLine(Path.of(shared.group(1))));
            // The text is not repeated: it may hold a password.
            throw new TypeConversionException(
                    "after a TURN server's URL comes ,user=U,password=P or ,secret-file=F");
        }

        private static String firstLine(Path file) {
            try {
                String text = Files.readString(file, StandardCharsets.UTF_8).strip();
                String line = text.lines().findFirst().orElse("").strip();
                if (!line.isEmpty()) return line;
                throw new TypeConversionException("the secret file " + file + " is empty");
            } catch (IOException problem) {
                throw new TypeConversionException("cannot read the secret file: " + problem);
            }
        }
    }
}
