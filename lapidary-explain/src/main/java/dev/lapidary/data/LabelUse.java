package dev.lapidary.data;

/** What a reader does with labels. */
enum LabelUse {
    /** Every item needs one, and there must be at least two classes. */
    TRAIN,
    /** Every item needs one. */
    EVALUATE,
    /** They are not read. */
    IGNORE
}
