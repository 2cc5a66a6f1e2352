package dev.lapidary.runtime.token;

import java.util.Arrays;

/** A growing row of token ids. */
final class TokenList {
    private int[] ids = new int[64];
    private int size;

    void add(int id) {
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.addExact(size, size));
        }
        ids[size++] = id;
    }

    void addAll(int[] more) {
        if (more.length > ids.length - size) {
            ids = Arrays.copyOf(ids, Math.max(Math.addExact(size, more.length), Math.addExact(size, size / 2)));
        }
        System.arraycopy(more, 0, ids, size, more.length);
        size += more.length;
    }

    int[] toArray() {
        return Arrays.copyOf(ids, size);
    }
}
