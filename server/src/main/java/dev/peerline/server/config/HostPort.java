package dev.peerline.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** {@code stun.example.org:3478}, with a port of its own kind when none is written. */
public final class HostPort implements ITypeConverter<HostAndPort> {
    private static final int STUN_PORT = 3478;

    @Override
    public HostAndPort convert(String text) {
        HostAndPort found = HostAndPort.parse(text);
        if (found == null)
            throw new TypeConversionException(
                    "\"" + text + "\" is no server: write stun.example.org:3478");
        return found.port() < 0 ? new HostAndPort(found.host(), STUN_PORT) : found;
    }
}
