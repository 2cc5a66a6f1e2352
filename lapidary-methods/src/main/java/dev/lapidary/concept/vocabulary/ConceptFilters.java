package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptLedger.Measured;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.encode.TextEncoder;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Decides which candidate concepts are used, by rules in this order: not longer than a number of characters; not a class name;
 * not too similar to a class name; not too similar to another concept; active on the training items.
 *
 * <p>The rules are those of Label-free CBM, which Sparse-CBM uses too, with two differences: a concept is compared with every
 * class, also with the class of its own index, which the published code leaves out; and of the published (mpnet + 3·CLIP)/4 only
 * the cosine of the one encoder at hand is left unless a {@link TextSimilarity#weighted} one is given. Of two concepts that are
 * too similar, the one with the smaller sum of similarities to all others goes, as published; of equal sums the later one.
 *
 * <p>Only training items may be handed in: what is decided on test items would leak.
 *
 * @see <a href="https://arxiv.org/abs/2304.06129">Oikarinen et al., Label-Free Concept Bottleneck Models, ICLR 2023</a>
 */
public final class ConceptFilters {
    /** Number of largest cosines whose mean is a concept's activation, as in Label-free CBM. */
    public static final int LARGEST = 5;

    private final Settings settings;
    private final Progress progress;

    /**
     * What the rules compare with.
     *
     * @param maxLength longest name in characters
     * @param classCutoff similarity to a class name from which a concept is dropped; above 1 switches the rule off
     * @param duplicateCutoff similarity to another concept from which one of the two is dropped; above 1 switches it off
     * @param activationCutoff mean of the {@link #LARGEST} largest cosines with training items below which a concept is dropped;
     *     -1 switches the rule off
     * @param classNames whether a concept that is the name of a class is dropped
     */
    public record Settings(
            @Setting(shown = "%s" + OF_LISTS, help = "Longest concept, in characters.")
            int maxLength,

            @Setting(
                    shown = "%s" + OF_LISTS,
                    help = "Drop concepts at least so similar (cosine) to a class name; above 1: none.")
            double classCutoff,

            @Setting(
                    shown = "%s" + OF_LISTS,
                    help = "Drop one of two concepts that are at least so similar; above 1: none.")
            double duplicateCutoff,

            @Setting(
                    shown = "%s" + OF_LISTS,
                    help = "Drop concepts that the training items show less than this; -1: none.")
            double activationCutoff,

            boolean classNames)
            implements dev.lapidary.runtime.settings.Settings {
        @SuppressWarnings("UnusedVariable") // annotations use it
        private static final String OF_LISTS = "; none for --concepts without --filters";

        private static final int ANY_LENGTH = Integer.MAX_VALUE;

        /** The limits given, and no class name is a concept. */
        public Settings(int maxLength, double classCutoff, double duplicateCutoff, double activationCutoff) {
            this(maxLength, classCutoff, duplicateCutoff, activationCutoff, true);
        }

        /** Refuses numbers that no concept or every concept would pass by accident. */
        public Settings {
            Bounds.atLeast("maxLength", maxLength, 1);
            Bounds.require(classCutoff > 0, "class cutoff", "above 0", classCutoff);
            Bounds.require(duplicateCutoff > 0, "duplicate cutoff", "above 0", duplicateCutoff);
            if (!(activationCutoff >= -1 && activationCutoff <= 1)) {
                throw new InputException("activationCutoff must be from -1 to 1; got " + activationCutoff);
            }
        }

        /**
         * Returns the defaults: 30 characters, 0.85, 0.9 and 0.25.
         *
         * <p>The first three are those of Label-free CBM. Its activation cutoff of 0.25 was chosen for CLIP; with the packaged
         * sentence encoder it separates as well. Activations on training texts:
         *
         * <ul>
         *   <li>4,560 texts of AG's News: 475 concepts written for these news 0.253 to 0.795, median 0.50, so none is dropped; 2,400
         *       random nouns have median 0.29, and one in ten lies below 0.25;
         *   <li>384 texts of the demo: 168 concepts written for them 0.246 to 0.60, median 0.37, one dropped ("follow-up on a
         *       report"); 71 % of the random nouns and 198 of 758 proposed concepts lie below 0.25.
         * </ul>
         *
         * <p>At 0.30 more random nouns would go, but good concepts of the news too ("physics experiment", "pole position").
         */
        public static Settings defaults() {
            return new Settings(30, 0.85, 0.9, 0.25);
        }

        /** Returns settings that drop nothing, for concepts that somebody chose: the default for a list. */
        public static Settings none() {
            return new Settings(ANY_LENGTH, 2, 2, -1, false);
        }

        /** Returns the defaults without the rules that compare cosines, for encoders whose cosines are on a scale of their own. */
        public static Settings withoutCosines() {
            return new Settings(defaults().maxLength, 2, 2, -1);
        }
    }

    /** Says how active concepts are on the training items. */
    @FunctionalInterface
    public interface Activation {
        /** Returns the activation of each concept, [M]. */
        double[] of(List<String> concepts);
    }

    /** Creates filters that report nothing while they encode. */
    public ConceptFilters(Settings settings) {
        this(settings, Progress.silent());
    }

    /** Creates filters that report their encoding. */
    public ConceptFilters(Settings settings, Progress progress) {
        this.settings = settings;
        this.progress = progress;
    }

    /**
     * Returns the concepts that pass, in their order.
     *
     * @param encoder encodes concepts and class names as they stand
     * @param trainingItems [n, d] of the same encoder, of any length; where n is 0 activation is not asked for
     * @param ledger gets one entry for every concept
     * @throws InputException where none passes
     */
    public ConceptSet apply(
            ConceptSet concepts,
            List<String> classes,
            TextEncoder encoder,
            EmbeddingMatrix trainingItems,
            ConceptLedger ledger) {
        return apply(concepts, classes, CosineSimilarity.of(encoder, progress), trainingItems, ledger);
    }

    /** Like the other, with cosines that may come from embeddings of another encoder. */
    public ConceptSet apply(
            ConceptSet concepts,
            List<String> classes,
            CosineSimilarity cosines,
            EmbeddingMatrix trainingItems,
            ConceptLedger ledger) {
        Activation activation = names -> cosines.activations(names, trainingItems, LARGEST);
        if (trainingItems.rows() > 0) {
            return apply(concepts, classes, cosines, activation, ledger);
        }
        Settings inactive = new Settings(
                settings.maxLength, settings.classCutoff, settings.duplicateCutoff, -1, settings.classNames);
        return new ConceptFilters(inactive, progress).apply(concepts, classes, cosines, activation, ledger);
    }

    /** Like the others, with any similarity and any activation. */
    public ConceptSet apply(
            ConceptSet concepts,
            List<String> classes,
            TextSimilarity similarity,
            Activation activation,
            ConceptLedger ledger) {
        Candidates candidates = new Candidates(concepts.concepts(), ledger);
        byLength(candidates);
        byClassName(candidates, classes);
        byClassSimilarity(candidates, classes, similarity);
        byDuplicates(candidates, similarity);
        byActivation(candidates, activation);
        if (candidates.left.isEmpty()) {
            throw new InputException("at least one concept must pass the filters; got none of %d (dropped by %s)"
                    .formatted(concepts.size(), dropped(ledger)));
        }
        for (Concept concept : candidates.left) {
            ledger.keep(concept, candidates.nearest(concept));
        }
        return new ConceptSet(candidates.left);
    }

    private static String dropped(ConceptLedger ledger) {
        return ledger.droppedByRule().entrySet().stream()
                .map(rule -> rule.getKey() + ": " + rule.getValue())
                .collect(Collectors.joining(", "));
    }

    private void byLength(Candidates candidates) {
        if (settings.maxLength == Settings.ANY_LENGTH) {
            return;
        }
        candidates.retain((m, concept) -> {
            int length = concept.name().codePointCount(0, concept.name().length());
            return new Measured(ConceptLedger.LENGTH, length, settings.maxLength, "");
        });
    }

    private void byClassName(Candidates candidates, List<String> classes) {
        if (!settings.classNames) {
            return;
        }
        Map<String, String> keys = new HashMap<>();
        classes.forEach(name -> keys.putIfAbsent(Concept.key(name), name));
        candidates.retain((m, concept) -> {
            String equal = keys.get(concept.key());
            return new Measured(ConceptLedger.CLASS_NAME, equal == null ? 0 : 1, 1, equal == null ? "" : equal);
        });
    }

    private void byClassSimilarity(Candidates candidates, List<String> classes, TextSimilarity similarity) {
        if (settings.classCutoff > 1 || classes.isEmpty() || candidates.left.isEmpty()) {
            return;
        }
        int count = classes.size();
        float[] cosines = similarity.between(candidates.names(), classes); // [M, K]
        candidates.retain((m, concept) -> {
            int nearest = 0;
            for (int k = 1; k < count; k++) {
                if (cosines[m * count + k] > cosines[m * count + nearest]) {
                    nearest = k;
                }
            }
            double value = cosines[m * count + nearest];
            return new Measured(ConceptLedger.CLASS_SIMILARITY, value, settings.classCutoff, classes.get(nearest));
        });
    }

    private void byDuplicates(Candidates candidates, TextSimilarity similarity) {
        if (settings.duplicateCutoff > 1 || candidates.left.size() < 2) {
            return;
        }
        List<String> names = candidates.names();
        DuplicatePairs.Nearest[] losers = DuplicatePairs.losers(names, similarity, settings.duplicateCutoff);
        candidates.retain((m, concept) -> measured(losers[m], names));
        if (candidates.left.size() < 2) {
            return;
        }
        List<String> left = candidates.names();
        DuplicatePairs.Nearest[] nearest = DuplicatePairs.nearest(left, similarity);
        candidates.retain((m, concept) -> measured(nearest[m], left));
    }

    private Measured measured(DuplicatePairs.Nearest nearest, List<String> names) {
        String against = nearest.index() < 0 ? "" : names.get(nearest.index());
        return new Measured(ConceptLedger.DUPLICATE, nearest.value(), settings.duplicateCutoff, against);
    }

    private void byActivation(Candidates candidates, Activation activation) {
        if (settings.activationCutoff <= -1 || candidates.left.isEmpty()) {
            return;
        }
        double[] values = activation.of(candidates.names());
        candidates.retain(
                (m, concept) -> new Measured(ConceptLedger.ACTIVATION, values[m], settings.activationCutoff, ""));
    }

    /** Measures candidate m. */
    @FunctionalInterface
    private interface Rule {
        Measured measure(int m, Concept concept);
    }

    /** The candidates that are left, and what the rules measured for them. */
    private static final class Candidates {
        private final ConceptLedger ledger;
        private final Map<String, List<Measured>> measured = new HashMap<>();
        private List<Concept> left;

        Candidates(List<Concept> all, ConceptLedger ledger) {
            this.left = all;
            this.ledger = ledger;
        }

        List<String> names() {
            return left.stream().map(Concept::name).toList();
        }

        void retain(Rule rule) {
            List<Concept> passed = new ArrayList<>();
            for (int m = 0; m < left.size(); m++) {
                Concept concept = left.get(m);
                Measured measurement = rule.measure(m, concept);
                if (passes(measurement)) {
                    measured.computeIfAbsent(concept.name(), name -> new ArrayList<>())
                            .add(measurement);
                    passed.add(concept);
                } else {
                    ledger.drop(concept, measurement);
                }
            }
            left = passed;
        }

        private static boolean passes(Measured measurement) {
            return switch (measurement.rule()) {
                case ConceptLedger.LENGTH -> measurement.value() <= measurement.threshold();
                case ConceptLedger.ACTIVATION -> measurement.value() >= measurement.threshold();
                default -> measurement.value() < measurement.threshold();
            };
        }

        /** Returns the measurement nearest to dropping; lengths and equal names count only where nothing else was measured. */
        Measured nearest(Concept concept) {
            List<Measured> all = measured.getOrDefault(concept.name(), List.of());
            return all.stream()
                    .filter(measurement -> !measurement.rule().equals(ConceptLedger.LENGTH)
                            && !measurement.rule().equals(ConceptLedger.CLASS_NAME))
                    .min(Comparator.comparingDouble(Measured::margin))
                    .orElse(all.isEmpty() ? new Measured(ConceptLedger.UNFILTERED, 0, 0, "") : all.get(0));
        }
    }
}
