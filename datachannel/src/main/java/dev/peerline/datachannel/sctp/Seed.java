package dev.peerline.datachannel.sctp;

/**
 * The unpredictable numbers of one association, drawn from the one that its owner gives: tags, the
 * initial TSN, nonces. SplitMix64. Not thread-safe.
 */
final class Seed {
    private long state;

    Seed(long entropy) {
        state = entropy;
    }

    long nextLong() {
        state += 0x9e3779b97f4a7c15L;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** Never 0: a verification tag of 0 means INIT. */
    int nextTag() {
        int tag = (int) nextLong();
        return tag == 0 ? 1 : tag;
    }
}
