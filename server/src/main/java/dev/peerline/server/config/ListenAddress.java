package dev.peerline.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** {@code PORT} on loopback, or {@code ADDRESS:PORT}; port 0 is any free one. */
public final class ListenAddress implements ITypeConverter<InetSocketAddress> {
    @Override
    public InetSocketAddress convert(String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "127.0.0.1" : text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) host = host.substring(1, host.length() - 1);
        InetAddress address = IpLiteral.parse(host);
        if (address == null)
            throw new TypeConversionException(
                    "\"" + text + "\" is no place to listen: write 9464 or 10.0.0.1:9464");
        return new InetSocketAddress(
                address, new Numbers.Port().convert(text.substring(colon + 1)));
    }
}
