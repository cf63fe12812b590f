package dev.peerline.datachannel.bench;

/** Packets from one thread to one other, in one array. */
final class PacketRing {
    private final byte[] bytes;
    private final int[] lengths;
    private final int slotBytes;
    private volatile long head;
    private volatile long tail;

    PacketRing(int slots, int slotBytes) {
        this.slotBytes = slotBytes;
        bytes = new byte[slots * slotBytes];
        lengths = new int[slots];
    }

    byte[] bytes() {
        return bytes;
    }

    boolean canPut() {
        return tail - head < lengths.length;
    }

    int putOffset() {
        return slot(tail) * slotBytes;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void put(int length) {
        lengths[slot(tail)] = length;
        tail++;
    }

    boolean canTake() {
        return head < tail;
    }

    int takeOffset() {
        return slot(head) * slotBytes;
    }

    int takeLength() {
        return lengths[slot(head)];
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void taken() {
        head++;
    }

    private int slot(long index) {
        return (int) (index % lengths.length);
    }
}
