/** Benchmarks with a main method; no test runs them. */
@NullMarked
package dev.peerline.datachannel.bench;

import org.jspecify.annotations.NullMarked;
