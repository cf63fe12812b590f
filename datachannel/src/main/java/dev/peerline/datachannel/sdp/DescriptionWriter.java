package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Writes offers and answers (RFC 9429 §5). Of the peer's description nothing is repeated but what
 * an answer must repeat: the order of sections, their {@code m=} lines and identifiers.
 */
public final class DescriptionWriter {
    private DescriptionWriter() {}

    /**
     * What our side has for the section of the data channels.
     *
     * @param sctpPort ours
     * @param maxMessageBytes what we take; 0 for any size
     * @param sctpInit the value of {@code a=sctp-init}, or null
     * @param candidates {@code candidate:…} lines
     */
    public record Local(
            String ufrag,
            String password,
            Fingerprint fingerprint,
            Setup setup,
            int sctpPort,
            int maxMessageBytes,
            @Nullable String sctpInit,
            List<String> candidates,
            boolean endOfCandidates) {
        public Local {
            candidates = List.copyOf(candidates);
        }
    }

    /**
     * A section, as both sides number it.
     *
     * @param legacy {@link MediaDescription#isLegacy}
     * @param accepted false: rejected by port 0
     * @param bundled whether the group names it
     */
    public record Section(
            String kind,
            String protocol,
            String formats,
            @Nullable String mid,
            boolean legacy,
            boolean accepted,
            boolean bundled) {
        /** Of a description that begins with us. */
        public static Section dataChannel(String mid) {
            return new Section(
                    "application", "UDP/DTLS/SCTP", "webrtc-datachannel", mid, false, true, true);
        }
    }

    /** The sections of an answer: the data channels are accepted, all else is not. */
    public static List<Section> answering(ParsedDescription offer) {
        List<Section> sections = new ArrayList<>();
        int data = offer.dataSection();
        for (int i = 0; i < offer.media().size(); i++) {
            MediaDescription media = offer.media().get(i);
            boolean accepted = i == data;
            sections.add(
                    new Section(
                            media.kind(),
                            media.protocol(),
                            media.formats(),
                            media.mid(),
                            media.isLegacy(),
                            accepted,
                            accepted && offer.isBundled(i)));
        }
        return sections;
    }

    /**
     * Writes a description.
     *
     * @param sessionId the same for all of one connection, 0 to 2^63-1
     * @param version one more for each description that differs
     */
    public static String write(long sessionId, long version, List<Section> sections, Local local) {
        StringBuilder out = new StringBuilder(1024);
        line(out, "v=0");
        // RFC 9429 §5.2.1: no address of ours here, and none is needed.
        line(out, "o=- " + sessionId + " " + version + " IN IP4 127.0.0.1");
        line(out, "s=-");
        line(out, "t=0 0");
        StringBuilder bundle = new StringBuilder();
        for (Section section : sections)
            if (section.bundled()) bundle.append(' ').append(section.mid());
        if (!bundle.isEmpty()) line(out, "a=group:BUNDLE" + bundle);
        for (Section section : sections) {
            if (section.accepted()) accepted(out, section, local);
            else rejected(out, section);
        }
        return out.toString();
    }

    private static void rejected(StringBuilder out, Section section) {
        head(out, section, 0);
        if (section.mid() != null) line(out, "a=mid:" + section.mid());
        // RFC 3264 §6: inactive in both directions.
        line(out, "a=inactive");
    }

    private static void accepted(StringBuilder out, Section section, Local local) {
        head(out, section, 9);
        if (section.mid() != null) line(out, "a=mid:" + section.mid());
        line(out, "a=ice-ufrag:" + local.ufrag());
        line(out, "a=ice-pwd:" + local.password());
        line(out, "a=ice-options:trickle");
        line(out, "a=fingerprint:" + local.fingerprint());
        line(out, "a=setup:" + local.setup());
        if (section.legacy()) {
            line(out, "a=sctpmap:" + section.formats() + " webrtc-datachannel 65535");
        } else {
            line(out, "a=sctp-port:" + local.sctpPort());
        }
        line(out, "a=max-message-size:" + local.maxMessageBytes());
        if (local.sctpInit() != null) line(out, "a=sctp-init:" + local.sctpInit());
        for (String candidate : local.candidates()) line(out, "a=" + candidate);
        if (local.endOfCandidates()) line(out, "a=end-of-candidates");
    }

    private static void head(StringBuilder out, Section section, int port) {
        line(
                out,
                "m="
                        + section.kind()
                        + " "
                        + port
                        + " "
                        + section.protocol()
                        + " "
                        + section.formats());
        line(out, "c=IN IP4 0.0.0.0");
    }

    private static void line(StringBuilder out, String line) {
        out.append(line).append("\r\n");
    }
}
