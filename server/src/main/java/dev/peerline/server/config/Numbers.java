package dev.peerline.server.config;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Whole numbers with the range that an option allows. */
public final class Numbers {
    private Numbers() {}

    private static int parse(String text, int least, int most) {
        boolean number = text.matches("\\d{1,9}");
        int value = number ? Integer.parseInt(text) : -1;
        if (value < least || value > most)
            throw new TypeConversionException(
                    "\"%s\" is no number from %d to %d".formatted(text, least, most));
        return value;
    }

    /** A port; 0 is any free one. */
    public static final class Port implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return parse(text, 0, 65535);
        }
    }

    /** How many of something there may be. */
    public static final class Positive implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return parse(text, 1, 100_000_000);
        }
    }

    /** Mebibytes, few enough for twice as many bytes in an int. */
    public static final class Mebibytes implements ITypeConverter<Integer> {
        @Override
        public Integer convert(String text) {
            return parse(text, 1, 1000);
        }
    }
}
