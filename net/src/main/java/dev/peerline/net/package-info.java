/** What the packages of this module share: transport addresses that cost no object a packet. */
@NullMarked
package dev.peerline.net;

import org.jspecify.annotations.NullMarked;
