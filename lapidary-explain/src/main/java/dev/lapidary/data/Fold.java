package dev.lapidary.data;

/**
 * One of several divisions of the same items, each item being in the test part of one of them.
 *
 * @param train rows to learn from, in ascending order
 * @param test rows to judge on, in ascending order
 */
@SuppressWarnings("ArrayRecordComponent") // a million indices; never changed after drawing
public record Fold(int[] train, int[] test) {}
