package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Collects the attributes of one section, or of the session above all of them. */
final class SectionReader {
    private static final Pattern SPACES = Pattern.compile(" +");
    private static final Pattern OPTION_GAPS = Pattern.compile("[ ,]+");
    private static final int MAX_MID_CHARACTERS = 64;
    private static final int MAX_CREDENTIAL_CHARACTERS = 256;

    private final String kind;
    private final int port;
    private final String protocol;
    private final String formats;
    private final List<Fingerprint> fingerprints = new ArrayList<>();
    private final List<String> candidates = new ArrayList<>();
    private @Nullable String mid;
    private @Nullable String ufrag;
    private @Nullable String password;
    private @Nullable Setup setup;
    private boolean bundleOnly;
    private boolean endOfCandidates;
    private boolean trickle;
    private int sctpPort = -1;
    private long maxMessageBytes = -1;
    private @Nullable String sctpInit;

    SectionReader(String kind, int port, String protocol, String formats) {
        this.kind = kind;
        this.port = port;
        this.protocol = protocol;
        this.formats = formats;
    }

    /** What is wrong with it, or null; unknown ones are passed over. */
    @Nullable String attribute(String name, String value) {
        return switch (name) {
            case "mid" -> mid(value);
            case "ice-ufrag", "ice-pwd" -> credential(name, value);
            case "ice-options" -> {
                // Spaces by RFC 8839 §5.6; libdatachannel writes commas.
                trickle |= Arrays.asList(OPTION_GAPS.split(value.strip(), -1)).contains("trickle");
                yield null;
            }
            case "fingerprint" -> fingerprint(value);
            case "setup" -> setup(value);
            case "sctp-port" -> sctpPort(value);
            case "sctpmap" -> sctpmap(value);
            case "max-message-size" -> {
                maxMessageBytes = SdpParser.number(value.strip(), Long.MAX_VALUE);
                yield maxMessageBytes < 0 ? "a=max-message-size must be a number" : null;
            }
            case "sctp-init" -> {
                sctpInit = value.strip();
                yield null;
            }
            case "candidate" -> candidate(value);
            case "end-of-candidates" -> {
                endOfCandidates = true;
                yield null;
            }
            case "bundle-only" -> {
                bundleOnly = true;
                yield null;
            }
            default -> null;
        };
    }

    private @Nullable String mid(String value) {
        mid = value.strip();
        boolean ok = SdpParser.isToken(mid) && mid.length() <= MAX_MID_CHARACTERS;
        return ok ? null : "a=mid must be a token";
    }

    private @Nullable String credential(String name, String value) {
        String text = value.strip();
        if (!SdpParser.isToken(text) || text.length() > MAX_CREDENTIAL_CHARACTERS)
            return "a=" + name + " must be 1 to 256 characters";
        if (name.equals("ice-ufrag")) ufrag = text;
        else password = text;
        return null;
    }

    private @Nullable String fingerprint(String value) {
        Fingerprint read = Fingerprint.parse(value.strip());
        if (read == null) return "a=fingerprint must be a hash's name and its bytes";
        if (fingerprints.size() == SdpParser.MAX_FINGERPRINTS) return "too many fingerprints";
        fingerprints.add(read);
        return null;
    }

    private @Nullable String setup(String value) {
        setup = Setup.parse(value);
        // holdconn keeps a connection from being made: nothing that WebRTC uses.
        return setup == null ? "a=setup must be active, passive or actpass" : null;
    }

    private @Nullable String sctpPort(String value) {
        sctpPort = (int) SdpParser.number(value.strip(), 65535);
        return sctpPort < 0 ? "a=sctp-port must be 0 to 65535" : null;
    }

    /** {@code a=sctpmap:5000 webrtc-datachannel 65535}, of the drafts before RFC 8841. */
    private @Nullable String sctpmap(String value) {
        String[] fields = SPACES.split(value.strip(), -1);
        if (fields.length < 2 || !fields[1].equals("webrtc-datachannel")) return null;
        sctpPort = (int) SdpParser.number(fields[0], 65535);
        return sctpPort < 0 ? "a=sctpmap must begin with a port" : null;
    }

    private @Nullable String candidate(String value) {
        if (candidates.size() == SdpParser.MAX_CANDIDATES)
            return "more than " + SdpParser.MAX_CANDIDATES + " candidates";
        candidates.add("candidate:" + value);
        return null;
    }

    boolean trickle() {
        return trickle;
    }

    TransportDescription transport() {
        return new TransportDescription(ufrag, password, fingerprints, setup);
    }

    MediaDescription description(TransportDescription session) {
        return new MediaDescription(
                kind,
                port,
                protocol,
                formats,
                mid,
                bundleOnly,
                transport().orElse(session),
                sctpPort,
                maxMessageBytes,
                sctpInit,
                candidates,
                endOfCandidates);
    }
}
