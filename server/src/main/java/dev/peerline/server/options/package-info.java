/** The options of {@code serve}, in the groups that its help shows. */
@NullMarked
package dev.peerline.server.options;

import org.jspecify.annotations.NullMarked;
