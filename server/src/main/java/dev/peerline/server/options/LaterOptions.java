package dev.peerline.server.options;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Options of parts that this build does not have: checked, reported, and otherwise unused. */
public final class LaterOptions {
    private static final String LATER = "(not in this build) ";

    @Option(
            names = "--log",
            converter = BrokerUrl.class,
            paramLabel = "URL",
            description = LATER + "Keep them on a broker: kafka://, amqp:// or rocketmq://.")
    @Nullable URI log;

    /** Those that were given, on the command line or elsewhere. */
    public List<String> named(CommandSpec spec) {
        IDefaultValueProvider settings = spec.defaultValueProvider();
        List<String> named = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            if (!String.join(" ", option.description()).startsWith(LATER)) continue;
            if (spec.commandLine().getParseResult().hasMatchedOption(option)
                    || isSet(option, settings)) named.add(option.longestName());
        }
        return named;
    }

    private static boolean isSet(OptionSpec option, @Nullable IDefaultValueProvider settings) {
        try {
            return settings != null && settings.defaultValue(option) != null;
        } catch (Exception impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** A broker's address. */
    static final class BrokerUrl implements ITypeConverter<URI> {
        private static final List<String> SCHEMES =
                List.of("kafka", "amqp", "amqps", "rocketmq", "rabbitmq");

        @Override
        public URI convert(String text) {
            try {
                URI url = URI.create(text);
                if (url.getScheme() != null && SCHEMES.contains(url.getScheme())) return url;
            } catch (IllegalArgumentException _) {
                // told below
            }
            throw new TypeConversionException(
                    "expected a URL that begins with kafka://, amqp:// or rocketmq://");
        }
    }
}
