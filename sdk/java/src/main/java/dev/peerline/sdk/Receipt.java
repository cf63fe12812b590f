package dev.peerline.sdk;

import java.time.Duration;
import java.util.List;

/**
 * What became of a message. It covers the peers that were here or away at the call.
 *
 * @param delivered to how many peers; 0 in an empty room
 * @param missed ids of those that did not get it
 * @param path the lowest that was used
 * @param elapsed from the call to the last acknowledgement
 */
public record Receipt(int delivered, List<String> missed, PathKind path, Duration elapsed) {}
