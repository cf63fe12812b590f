package dev.peerline.datachannel.sdp;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Objects;

/**
 * A session description of the peer.
 *
 * @param media all sections, in their order
 * @param bundles the identifiers in each {@code a=group:BUNDLE} (RFC 8843)
 * @param iceLite {@code a=ice-lite}: the peer sends no checks of its own
 * @param trickle {@code a=ice-options:trickle} (RFC 8840)
 */
public record ParsedDescription(
        List<MediaDescription> media, List<List<String>> bundles, boolean iceLite, boolean trickle)
        implements SdpResult {
    public ParsedDescription {
        media = List.copyOf(media);
        bundles = List.copyOf(bundles);
    }

    /** The place of the section for data channels, or -1. */
    public int dataSection() {
        for (int i = 0; i < media.size(); i++) if (media.get(i).isDataChannel()) return i;
        return -1;
    }

    /** Whether the section is in a bundle. */
    public boolean isBundled(int section) {
        return bundleOf(section) != null;
    }

    private @Nullable List<String> bundleOf(int section) {
        String mid = media.get(section).mid();
        if (mid == null) return null;
        for (List<String> bundle : bundles) if (bundle.contains(mid)) return bundle;
        return null;
    }

    /**
     * The transport of a section: what it says, and what it does not say from the section that its
     * bundle is tagged by (RFC 8843 §7.1.3 keeps the others from repeating it).
     */
    public TransportDescription transport(int section) {
        TransportDescription own = media.get(section).transport();
        List<String> bundle = bundleOf(section);
        if (bundle == null) return own;
        for (MediaDescription other : media) {
            if (Objects.equals(other.mid(), bundle.getFirst()))
                return own.orElse(other.transport());
        }
        return own;
    }
}
