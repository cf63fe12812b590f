package dev.peerline.server.config;

import java.util.Collection;
import java.util.Comparator;

/** What somebody probably meant. */
public final class Nearest {
    private Nearest() {}

    /** The candidate that takes the fewest edits; candidates must not be empty. */
    public static String to(String word, Collection<String> candidates) {
        return candidates.stream()
                .min(
                        Comparator.comparingInt((String candidate) -> distance(word, candidate))
                                .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** Levenshtein's distance: letters to insert, delete or exchange. */
    static int distance(String from, String to) {
        int[] previous = new int[to.length() + 1];
        for (int column = 0; column <= to.length(); column++) previous[column] = column;
        for (int row = 1; row <= from.length(); row++) {
            int[] current = new int[to.length() + 1];
            current[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int exchange = from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1;
                current[column] =
                        Math.min(
                                previous[column - 1] + exchange,
                                1 + Math.min(previous[column], current[column - 1]));
            }
            previous = current;
        }
        return previous[to.length()];
    }
}
