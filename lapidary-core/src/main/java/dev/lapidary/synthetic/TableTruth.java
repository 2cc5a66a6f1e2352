package dev.lapidary.synthetic;

import dev.lapidary.synthetic.Tables.Columns;
import dev.lapidary.synthetic.Tables.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** What a table of {@link Tables} was made from. */
public final class TableTruth {
    private final Tables tables;
    private final int[] place; // of each column as it is made: first those that count, then redundant ones, then noise
    private final List<List<Term>> terms; // of each score
    private final int[][] mixed; // of each redundant column, the two columns that it mixes, before they are placed
    private final double[] signs; // of the second
    private final double[][] groupEffects; // [scores, groups]
    private final double threshold;

    /**
     * A part of a score.
     *
     * @param coefficient what the product is multiplied by
     * @param columns of the table, one or two, whose product counts
     */
    public record Term(double coefficient, List<Integer> columns) {}

    private TableTruth(Tables tables, long seed) {
        this.tables = tables;
        Columns columns = tables.columns();
        Draw structure = new Draw(seed, "tables.structure");
        place = structure.permutation(columns.all(), 0);
        int scores = tables.outcome() instanceof Outcome.Classes some ? some.classes() : 1;
        terms = IntStream.range(0, scores)
                .mapToObj(k -> terms(structure, 1 + k))
                .toList();
        Draw mixtures = new Draw(seed, "tables.mixtures");
        mixed = new int[columns.redundant()][2];
        signs = new double[columns.redundant()];
        for (int i = 0; i < mixed.length; i++) {
            mixed[i][0] = mixtures.below(columns.relevant(), i, 0);
            int step = columns.relevant() == 1 ? 0 : 1 + mixtures.below(columns.relevant() - 1, i, 1);
            mixed[i][1] = (mixed[i][0] + step) % columns.relevant();
            signs[i] = mixtures.sign(i, 2);
        }
        Draw effects = new Draw(seed, "tables.groups");
        groupEffects = new double[scores][tables.shift().groups()];
        for (int k = 0; k < scores; k++) {
            for (int g = 0; g < groupEffects[k].length; g++) {
                groupEffects[k][g] = tables.shift().groupDeviation() * effects.normal(k, g);
            }
        }
        threshold = tables.outcome() instanceof Outcome.Binary binary
                ? tables.threshold(this, seed, binary.positiveShare())
                : 0;
    }

    static TableTruth draw(Tables tables, long seed) {
        return new TableTruth(tables, seed);
    }

    /** Terms with coefficients of drawn sign and of sizes between 1 and 2, scaled to variance 1 together. */
    private List<Term> terms(Draw structure, long item) {
        Columns columns = tables.columns();
        int count = columns.linear() + columns.pairs();
        double[] coefficients = new double[count];
        for (int t = 0; t < count; t++) {
            coefficients[t] = structure.sign(item, 2L * t) * (1 + structure.uniform(item, 2L * t + 1));
        }
        double norm = Math.sqrt(Arrays.stream(coefficients).map(c -> c * c).sum());
        List<Term> list = new ArrayList<>();
        for (int t = 0; t < count; t++) {
            int first = t < columns.linear() ? t : columns.linear() + 2 * (t - columns.linear());
            List<Integer> own = t < columns.linear() ? List.of(place[first]) : List.of(place[first], place[first + 1]);
            list.add(new Term(coefficients[t] / norm, own));
        }
        return Collections.unmodifiableList(list);
    }

    /** The features of a row, [columns]. */
    double[] row(Draw values, long row) {
        Columns columns = tables.columns();
        double[] made = new double[columns.all()];
        for (int j = 0; j < made.length; j++) {
            made[j] = values.normal(row, j);
        }
        for (int i = 0; i < mixed.length; i++) {
            int at = columns.relevant() + i;
            double mixture = (made[mixed[i][0]] + signs[i] * made[mixed[i][1]]) / Math.sqrt(2);
            if (mixed[i][0] == mixed[i][1]) {
                mixture = made[mixed[i][0]];
            }
            made[at] = mixture + Tables.copyNoise() * made[at];
        }
        double[] placed = new double[made.length];
        for (int j = 0; j < made.length; j++) {
            placed[place[j]] = made[j];
        }
        return placed;
    }

    /** Returns the columns that the target needs, rising. */
    public int[] relevant() {
        return placed(0, tables.columns().relevant());
    }

    /** Returns the columns that repeat others, rising. */
    public int[] redundant() {
        Columns columns = tables.columns();
        return placed(columns.relevant(), columns.relevant() + columns.redundant());
    }

    private int[] placed(int from, int to) {
        return IntStream.range(from, to).map(j -> place[j]).sorted().toArray();
    }

    /** Returns the terms of each score: one score, or one of each class. */
    public List<List<Term>> terms() {
        return terms;
    }

    /**
     * Returns the scores of a row, shift included.
     *
     * @param features [columns]
     */
    public double[] scores(double[] features, int group, double time) {
        double[] scores = new double[terms.size()];
        for (int k = 0; k < scores.length; k++) {
            for (Term term : terms.get(k)) {
                double product = term.coefficient();
                for (int column : term.columns()) {
                    product *= features[column];
                }
                scores[k] += product;
            }
            scores[k] += groupEffects[k][group];
        }
        scores[scores.length - 1] += tables.shift().drift() * time;
        return scores;
    }

    /** Returns the best prediction from scores: the expected target, or the likeliest class. */
    public double best(double[] scores) {
        return switch (tables.outcome()) {
            case Outcome.Regression regression -> scores[0];
            case Outcome.Binary binary -> scores[0] > threshold ? 1 : 0;
            case Outcome.Classes some ->
                IntStream.range(0, scores.length)
                        .reduce((a, b) -> scores[b] > scores[a] ? b : a)
                        .orElseThrow();
        };
    }

    /** The target of a row, with its noise. */
    double target(double[] scores, Draw noise, long row) {
        double best = best(scores);
        return switch (tables.outcome()) {
            case Outcome.Regression regression ->
                best + Math.sqrt(regression.noiseShare() / (1 - regression.noiseShare())) * noise.normal(row, 1);
            case Outcome.Binary binary -> noise.uniform(row, 1) < binary.flipped() ? 1 - best : best;
            case Outcome.Classes some ->
                noise.uniform(row, 1) < some.flipped()
                        ? (best + 1 + noise.below(some.classes() - 1, row, 2)) % some.classes()
                        : best;
        };
    }
}
