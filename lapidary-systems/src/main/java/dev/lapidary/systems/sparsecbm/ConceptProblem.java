package dev.lapidary.systems.sparsecbm;

import java.util.function.Supplier;

/**
 * What a seed draws: items of disjoint parts, and what they are compared with, all embedded by one frozen encoder.
 *
 * @param concepts unit vectors of the concepts' names [M, d]
 * @param classes unit vectors of the class names [K, d]
 * @param randomWords unit vectors of as many random words as there are concepts [M, d]
 * @param train items to learn from
 * @param validation items to choose settings on
 * @param test items to report on
 * @param encoderDigest reads the encoder's weights anew and returns their SHA-256
 */
@SuppressWarnings("ArrayRecordComponent") // shared by all arms, never changed
record ConceptProblem(
        float[][] concepts,
        float[][] classes,
        float[][] randomWords,
        Items train,
        Items validation,
        Items test,
        Supplier<String> encoderDigest) {}
