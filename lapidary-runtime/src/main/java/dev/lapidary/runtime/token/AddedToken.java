package dev.lapidary.runtime.token;

/**
 * A token that is found in the text before anything is split.
 *
 * @param content what is found
 * @param id its token
 * @param special whether decoding may leave it out
 * @param singleWord whether it counts only between letters that are not of a word
 * @param stripLeft whether it takes the white space before it
 * @param stripRight whether it takes the white space behind it
 * @param normalized whether it is looked for in the normalized text
 */
record AddedToken(
        String content,
        int id,
        boolean special,
        boolean singleWord,
        boolean stripLeft,
        boolean stripRight,
        boolean normalized) {}
