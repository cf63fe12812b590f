package dev.peerline.fallback.link.wire;

/**
 * A place in a log: everything up to and including the offset was read.
 *
 * @param epoch which life of the log the offset counts in; a log that lost its entries starts
 *     another. Without it, offset 7 of a log that was lost would be taken for offset 7 of the one
 *     that began after it
 * @param offset 0 before the first entry; entries count from 1
 */
public record Cursor(long epoch, long offset) {}
