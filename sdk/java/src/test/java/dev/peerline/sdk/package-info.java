@NullMarked
package dev.peerline.sdk;

import org.jspecify.annotations.NullMarked;
