/** What every log does, wherever it keeps its entries: each implementation extends these tests. */
@NullMarked
package dev.peerline.fallback.contract;

import org.jspecify.annotations.NullMarked;
