package dev.peerline.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A host name or an address, without scheme, port and path; in lower case. */
public final class HostNameConverter implements ITypeConverter<String> {
    @Override
    public String convert(String text) {
        String literal =
                IpLiteral.parse(text) != null && text.contains(":") ? "[" + text + "]" : text;
        HostAndPort host = HostAndPort.parse(literal);
        if (host == null || host.port() >= 0)
            throw new TypeConversionException(
                    "\"" + text + "\" is no host name: write it without scheme and port");
        return host.host();
    }
}
