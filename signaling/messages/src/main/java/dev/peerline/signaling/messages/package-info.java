/**
 * What clients and server say to each other about rooms and peers, without a word on how it
 * travels.
 */
@NullMarked
package dev.peerline.signaling.messages;

import org.jspecify.annotations.NullMarked;
