package dev.lapidary.concept.search;

import dev.lapidary.concept.search.ConceptMatrixSearch.Normalisation;
import dev.lapidary.concept.search.ConceptMatrixSearch.Variant;
import java.util.Arrays;

/** Concept Matrix Search over whole matrices in float64, straight from the definition: the twin of the fast path. */
final class DoubleSearch {
    final double[][] v; // [n, M'] normalised
    final double[][] t; // [K, M'] normalised
    final ColumnScale scale;

    /** Normalises; training items are needed for the inductive variants only. */
    DoubleSearch(
            double[][] items,
            double[][] concepts,
            double[][] classes,
            double[][] training,
            Normalisation normalisation,
            double floor) {
        double[][] rawV = cosines(items, concepts);
        double[][] rawT = cosines(classes, concepts);
        scale = switch (normalisation) {
            case NONE, ROW -> ColumnScale.none(concepts.length);
            case COLUMN -> ColumnScale.of(columnMeans(rawV), columnMeans(rawT), floor);
            case INDUCTIVE_COLUMN -> ColumnScale.of(columnMeans(cosines(training, concepts)), columnMeans(rawT), floor);
        };
        boolean rows = normalisation == Normalisation.ROW;
        boolean classRows = rows && Arrays.stream(rawT).allMatch(row -> SearchFormulas.mean(row) >= floor);
        v = map(
                rawV,
                row -> rows && SearchFormulas.mean(row) >= floor ? SearchFormulas.dividedBySum(row) : scale.item(row));
        t = map(rawT, row -> classRows ? SearchFormulas.dividedBySum(row) : scale.ofClass(row));
    }

    double[][] scores(ConceptMatrixSearch.Rule rule) {
        return map(v, row -> {
            double[] scores = new double[t.length];
            Arrays.setAll(scores, k -> SearchFormulas.score(row, t[k], rule));
            return scores;
        });
    }

    static int[] predictions(double[][] scores) {
        return Arrays.stream(scores).mapToInt(SearchFormulas::argmax).toArray();
    }

    static double[][] scores(
            double[][] items,
            double[][] concepts,
            double[][] classes,
            double[][] training,
            Variant variant,
            double floor) {
        return new DoubleSearch(items, concepts, classes, training, variant.normalisation(), floor)
                .scores(variant.rule());
    }

    static double[][] cosines(double[][] a, double[][] b) {
        return map(a, x -> {
            double[] row = new double[b.length];
            Arrays.setAll(row, j -> SearchFormulas.dot(SearchFormulas.unit(x), SearchFormulas.unit(b[j])));
            return row;
        });
    }

    static double[] columnMeans(double[][] matrix) {
        double[] means = new double[matrix[0].length];
        for (double[] row : matrix) {
            for (int j = 0; j < means.length; j++) {
                means[j] += row[j] / matrix.length;
            }
        }
        return means;
    }

    static double[][] map(double[][] rows, java.util.function.UnaryOperator<double[]> function) {
        return Arrays.stream(rows).map(function).toArray(double[][]::new);
    }
}
