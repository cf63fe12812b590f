@NullMarked
package dev.peerline.sdk.push;

import org.jspecify.annotations.NullMarked;
