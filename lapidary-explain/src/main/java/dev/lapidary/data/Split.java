package dev.lapidary.data;

/**
 * Row indices of a data set in three disjoint parts, each in ascending order.
 *
 * @param seed that drew it
 * @param train rows to learn from
 * @param validation rows to choose settings on
 * @param test rows that nothing is chosen on
 * @param duplicates what was found about equal contents
 */
@SuppressWarnings("ArrayRecordComponent") // a million indices; never changed after drawing
public record Split(long seed, int[] train, int[] validation, int[] test, DuplicateReport duplicates) {}
