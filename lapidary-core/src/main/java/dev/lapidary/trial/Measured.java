package dev.lapidary.trial;

/**
 * An outcome, with how it was made.
 *
 * @param outcome what was measured
 * @param seconds wall time, that of drawing the problem in the first arm that needed it
 * @param machine on what it ran, one line
 * @param code digest of the classes that measured it
 */
public record Measured(Outcome outcome, double seconds, String machine, String code) {}
