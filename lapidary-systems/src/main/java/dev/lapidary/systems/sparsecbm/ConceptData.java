package dev.lapidary.systems.sparsecbm;

import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.vocabulary.RandomWords;
import dev.lapidary.data.UnitVector;
import dev.lapidary.encode.EncodedTexts;
import dev.lapidary.encode.PromptEncoder;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.Progress;
import dev.lapidary.train.EpochOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** A data set with concepts, from which a seed draws items. */
interface ConceptData {
    /** Returns the name in kebab case. */
    String name();

    /** Returns sizes, recipes and digests: all that what is drawn depends on besides the seed. */
    Map<String, Object> settings();

    /** Draws the problem of a seed. */
    ConceptProblem draw(long seed);

    /**
     * How many items a seed draws.
     *
     * @param train to learn from
     * @param validation to choose settings on
     * @param test to report on
     */
    record Sizes(int train, int validation, int test) {
        int all() {
            return train + validation + test;
        }

        @Override
        public String toString() {
            return train + " to train, " + validation + " to choose, " + test + " to report";
        }
    }

    /**
     * Names of classes and concepts, and the encoder that embeds them.
     *
     * @param encoder of names; stays the caller's
     * @param templates sentences in which names are embedded
     */
    record Names(TextEncoder encoder, List<String> templates, List<String> classes, List<String> concepts) {
        float[][] embed(List<String> names) {
            try (EncodedTexts encoded =
                    PromptEncoder.of(encoder, templates).encode(names, Progress.silent())) {
                float[][] rows = new float[names.size()][];
                Arrays.setAll(rows, i -> UnitVector.of(encoded.embeddings().row(i)));
                return rows;
            }
        }

        /** Returns a problem over drawn items, with random words of the seed. */
        ConceptProblem problem(Items train, Items validation, Items test, long seed, Supplier<String> digest) {
            List<String> words = RandomWords.draw(
                            concepts.size(), seed, classes, ConceptSet.of("catalogue", concepts))
                    .names();
            return new ConceptProblem(embed(concepts), embed(classes), embed(words), train, validation, test, digest);
        }
    }

    /** Returns distinct rows of a pool of so many, drawn by a seed. */
    static int[] rows(long seed, int pool, int count) {
        if (count > pool) {
            throw new IllegalArgumentException("there must be " + count + " items to draw from; got " + pool);
        }
        return Arrays.copyOf(new EpochOrder(seed, pool, 1).items(0), count);
    }
}
