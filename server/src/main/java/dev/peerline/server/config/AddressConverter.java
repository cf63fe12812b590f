package dev.peerline.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.net.InetAddress;

/** An IP address, never a name. */
public final class AddressConverter implements ITypeConverter<InetAddress> {
    @Override
    public InetAddress convert(String text) {
        InetAddress address = IpLiteral.parse(text);
        if (address == null) throw new TypeConversionException("\"" + text + "\" is no IP address");
        return address;
    }
}
