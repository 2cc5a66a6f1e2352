package dev.lapidary.trial;

/**
 * Another arm in the method's place, and whether the check then fails, as it should.
 *
 * @param name the arm that took the method's place
 * @param failed whether at least one comparison of the method no longer holds
 */
public record Sabotage(String name, boolean failed) {}
