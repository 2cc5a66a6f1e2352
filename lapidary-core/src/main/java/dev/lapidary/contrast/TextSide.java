package dev.lapidary.contrast;

/**
 * How a sentence encoder's embeddings come into the space of the images.
 *
 * @param projection [width, embedding]
 * @param logitScale natural logarithm of what cosines are multiplied with
 */
@SuppressWarnings("ArrayRecordComponent") // read only
record TextSide(float[] projection, float logitScale) {}
