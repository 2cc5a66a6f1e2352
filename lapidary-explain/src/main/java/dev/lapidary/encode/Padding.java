package dev.lapidary.encode;

import java.util.function.LongSupplier;

/**
 * How texts reach the length that a network wants.
 *
 * @param always whether they are padded to the largest length, as in training, even where the network takes any
 * @param token what they are padded with; asked for when it is first needed
 */
record Padding(boolean always, LongSupplier token) {}
