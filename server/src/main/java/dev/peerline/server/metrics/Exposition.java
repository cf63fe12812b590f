package dev.peerline.server.metrics;

import java.util.Locale;

/** Writes the text format 0.0.4 of Prometheus. Not thread-safe. */
final class Exposition {
    private final StringBuilder text = new StringBuilder(8192);

    void family(String name, String type, String help) {
        text.append("# HELP ").append(name).append(' ').append(help).append('\n');
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    /** A family of one number that its name explains. */
    void single(String name, String type, long value) {
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        sample(name, value);
    }

    /** The same for a number that is not whole. */
    void single(String name, String type, double value) {
        text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        sample(name, value);
    }

    void sample(String name, String label, String value, long number) {
        sample(name + "{" + label + "=\"" + escaped(value) + "\"}", number);
    }

    void sample(String series, long number) {
        text.append(series).append(' ').append(number).append('\n');
    }

    private void sample(String series, double number) {
        text.append(series).append(String.format(Locale.ROOT, " %.6f\n", number));
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
