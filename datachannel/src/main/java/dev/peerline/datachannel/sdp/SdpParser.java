package dev.peerline.datachannel.sdp;

import dev.peerline.datachannel.sdp.SdpResult.Malformed;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads session descriptions (RFC 8866). Strict about the grammar of lines and of what is used
 * here; anything else is passed over, as RFC 8866 §5.13 wants it.
 */
public final class SdpParser {
    /** Browsers write some 10 KiB for a call with a dozen tracks. */
    public static final int MAX_CHARACTERS = 256 << 10;

    static final int MAX_SECTIONS = 256;
    static final int MAX_CANDIDATES = 256;
    static final int MAX_FINGERPRINTS = 16;
    private static final int MAX_TOKEN_CHARACTERS = 256;

    private final List<List<String>> bundles = new ArrayList<>();
    private final List<SectionReader> sections = new ArrayList<>();
    private final SectionReader session = new SectionReader("", 0, "", "");
    private boolean iceLite;

    private SdpParser() {}

    /** Reads a description; never throws. */
    public static SdpResult parse(String text) {
        if (text.length() > MAX_CHARACTERS)
            return new Malformed(1, "more than " + MAX_CHARACTERS + " characters");
        return new SdpParser().read(text.split("\r\n|\n|\r", -1));
    }

    private SdpResult read(String[] lines) {
        for (int i = 0; i < lines.length; i++) {
            if (lines[i].isEmpty() && i > 0 && onlyEmpty(lines, i)) break;
            String problem = i == 0 ? first(lines[0]) : line(lines[i]);
            if (problem != null) return new Malformed(i + 1, problem);
        }
        if (lines.length < 2) return new Malformed(1, "it ends after its first line");
        List<MediaDescription> media =
                sections.stream().map(section -> section.description(session.transport())).toList();
        boolean trickle = session.trickle() || sections.stream().anyMatch(SectionReader::trickle);
        return new ParsedDescription(media, bundles, iceLite, trickle);
    }

    private static boolean onlyEmpty(String[] lines, int from) {
        return Arrays.stream(lines, from, lines.length).allMatch(String::isEmpty);
    }

    private static @Nullable String first(String line) {
        return line.equals("v=0") ? null : "a description begins with v=0";
    }

    private @Nullable String line(String line) {
        boolean typed = line.length() >= 2 && line.charAt(1) == '=';
        if (!typed || line.charAt(0) < 'a' || line.charAt(0) > 'z') return "no line of SDP";
        return switch (line.charAt(0)) {
            case 'm' -> media(line.substring(2));
            case 'a' -> attribute(line.substring(2));
            default -> null;
        };
    }

    /** {@code m=<media> <port> <proto> <fmt> ...} */
    private @Nullable String media(String value) {
        String[] fields = value.split(" ", 4);
        if (fields.length < 4 || fields[3].isBlank()) return "m= needs media, port, proto and fmt";
        if (sections.size() == MAX_SECTIONS) return "more than " + MAX_SECTIONS + " sections";
        if (!isToken(fields[0]) || !isToken(fields[2])) return "m= names no media or protocol";
        // RFC 8866 §5.14: port may be followed by a slash and a count.
        int slash = fields[1].indexOf('/');
        long port = number(slash < 0 ? fields[1] : fields[1].substring(0, slash), 65535);
        if (port < 0) return "the port must be 0 to 65535: " + fields[1];
        sections.add(new SectionReader(fields[0], (int) port, fields[2], fields[3].strip()));
        return null;
    }

    private @Nullable String attribute(String attribute) {
        int colon = attribute.indexOf(':');
        String name = colon < 0 ? attribute : attribute.substring(0, colon);
        String value = colon < 0 ? "" : attribute.substring(colon + 1);
        if (sections.isEmpty()) {
            if (name.equals("ice-lite")) iceLite = true;
            if (name.equals("group")) return group(value);
            return session.attribute(name, value);
        }
        return sections.getLast().attribute(name, value);
    }

    private @Nullable String group(String value) {
        List<String> fields = List.of(value.strip().split(" +"));
        if (!fields.getFirst().equals("BUNDLE") || fields.size() == 1) return null;
        if (bundles.size() == MAX_SECTIONS) return "too many groups";
        bundles.add(fields.subList(1, fields.size()));
        return null;
    }

    /** RFC 8866 §9: what may stand in a token; a slash besides, for protocols. */
    static boolean isToken(String text) {
        if (text.isEmpty() || text.length() > MAX_TOKEN_CHARACTERS) return false;
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"(),:;<=>?@[\\]".indexOf(c) < 0);
    }

    /** The number these digits are; -1 if they are none, or more than {@code most}. */
    static long number(String digits, long most) {
        if (digits.isEmpty() || digits.length() > 18) return -1;
        if (!digits.chars().allMatch(c -> c >= '0' && c <= '9')) return -1;
        long value = Long.parseLong(digits);
        return value <= most ? value : -1;
    }
}
