package dev.lapidary.runtime.file;

import dev.lapidary.runtime.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Checks that the rows and groups which pad 2:4 weights are 0: kernels may skip them or add them, and must give the same.
 *
 * <p>Reads only the last block of rows and the last chunk of columns.
 */
final class PackedPadding {
    private static final int BLOCK = 16; // rows
    private static final int PANEL = 64; // rows
    private static final int GROUPS = 8; // of a chunk
    private static final int BITS = 4; // of a group's code

    private final MemorySegment data;
    private final int rows;
    private final int groups;
    private final int chunks;
    private final int survivorBytes; // of both survivors of a group

    private PackedPadding(PackedTensor tensor, MemorySegment data) {
        this.data = data;
        this.rows = tensor.rows();
        this.groups = tensor.columns() / 4;
        this.chunks = (groups + GROUPS - 1) / GROUPS;
        this.survivorBytes = 2
                * switch (tensor.type()) {
                    case F32 -> 4;
                    case BF16 -> 2;
                    case INT8 -> 1;
                };
    }

    /** Throws {@link InputException} where padding is not 0. */
    static void require(String where, PackedTensor tensor, MemorySegment data) {
        if (!new PackedPadding(tensor, data).isZero()) {
            throw new InputException(where + ": tensor '" + tensor.name() + "' at offset "
                    + tensor.data().offset() + " must have rows and groups that pad as 0; got others");
        }
    }

    private boolean isZero() {
        for (long first = 0; first < rows; first += PANEL) {
            int real = (int) Math.min(PANEL, rows - first);
            int lanes = (real + BLOCK - 1) / BLOCK * BLOCK;
            boolean padsRows = lanes > real;
            for (int chunk = padsRows ? 0 : chunks - 1; chunk < chunks; chunk++) {
                int used = Math.min(GROUPS, groups - chunk * GROUPS);
                if ((padsRows || used < GROUPS) && !isZero(offset(first, lanes, chunk), lanes, real, used)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** All panels before are full; a chunk has a word of codes and eight groups of survivors for each lane. */
    private long offset(long firstRow, int lanes, int chunk) {
        long laneBytes = Integer.BYTES + (long) GROUPS * survivorBytes;
        return firstRow * chunks * laneBytes + laneBytes * lanes * chunk;
    }

    private boolean isZero(long chunk, int lanes, int real, int used) {
        for (int lane = 0; lane < lanes; lane++) {
            int codes = data.get(Elements.INT, chunk + (long) Integer.BYTES * lane);
            int first = lane < real ? used : 0; // the first group that pads
            if (first < GROUPS && codes >>> BITS * first != 0) {
                return false;
            }
        }
        long survivors = chunk + (long) Integer.BYTES * lanes;
        for (int group = 0; group < GROUPS; group++) {
            if (!isZeroGroup(survivors + (long) group * lanes * survivorBytes, lanes, group < used ? real : 0)) {
                return false;
            }
        }
        return true;
    }

    /** Survivors of a group stand in two rows of lanes, or, of bfloat16, in pairs; lanes before the first are not looked at. */
    private boolean isZeroGroup(long group, int lanes, int first) {
        if (survivorBytes == Integer.BYTES) {
            return isZeroBytes(group + (long) Integer.BYTES * first, Integer.BYTES * (lanes - first));
        }
        int half = survivorBytes / 2;
        return isZeroBytes(group + (long) half * first, half * (lanes - first))
                && isZeroBytes(group + (long) half * (lanes + first), half * (lanes - first));
    }

    private boolean isZeroBytes(long from, int count) {
        for (long at = from; at < from + count; at++) {
            if (data.get(ValueLayout.JAVA_BYTE, at) != 0) {
                return false;
            }
        }
        return true;
    }
}
