/** The network laboratory (docs/natlab.md) for JUnit tests. */
@NullMarked
package dev.peerline.natlab;

import org.jspecify.annotations.NullMarked;
