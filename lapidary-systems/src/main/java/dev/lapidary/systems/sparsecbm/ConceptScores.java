package dev.lapidary.systems.sparsecbm;

/**
 * Scores of items against vectors: cosines, with mean 0 and deviation 1 over the training items.
 *
 * @param width number of vectors M
 */
record ConceptScores(Part train, Part validation, Part test, int width, int classes) {
    private static final double LEAST_DEVIATION = 1e-6; // below it a score says nothing

    /**
     * Scores of one part.
     *
     * @param values [n, M], row-major
     * @param labels [n]
     */
    @SuppressWarnings("ArrayRecordComponent") // shared by all fits, never changed
    record Part(float[] values, int[] labels) {
        int size() {
            return labels.length;
        }
    }

    /** Scores the items of a problem against some vectors of unit length [M, d]. */
    static ConceptScores of(ConceptProblem problem, float[][] vectors) {
        float[] train = cosines(problem.train(), vectors);
        int width = vectors.length;
        double[] mean = new double[width];
        double[] scale = new double[width];
        moments(train, width, mean, scale);
        return new ConceptScores(
                part(train, problem.train(), mean, scale),
                part(cosines(problem.validation(), vectors), problem.validation(), mean, scale),
                part(cosines(problem.test(), vectors), problem.test(), mean, scale),
                width,
                problem.classes().length);
    }

    /** Returns the embeddings' own coordinates as scores: what a linear probe sees. */
    static ConceptScores ofCoordinates(ConceptProblem problem) {
        int width = problem.concepts()[0].length;
        float[][] axes = new float[width][width];
        for (int j = 0; j < width; j++) {
            axes[j][j] = 1;
        }
        return of(problem, axes);
    }

    private static float[] cosines(Items items, float[][] vectors) {
        int width = vectors.length;
        float[] values = new float[items.size() * width];
        for (int i = 0; i < items.size(); i++) {
            for (int m = 0; m < width; m++) {
                values[i * width + m] = dot(items.vectors()[i], vectors[m]);
            }
        }
        return values;
    }

    private static float dot(float[] a, float[] b) {
        float sum = 0;
        for (int j = 0; j < a.length; j++) {
            sum += a[j] * b[j];
        }
        return sum;
    }

    private static void moments(float[] values, int width, double[] mean, double[] scale) {
        int rows = values.length / width;
        double[] squares = new double[width];
        for (int at = 0; at < values.length; at++) {
            mean[at % width] += values[at] / (double) rows;
        }
        for (int at = 0; at < values.length; at++) {
            double off = values[at] - mean[at % width];
            squares[at % width] += off * off / rows;
        }
        for (int m = 0; m < width; m++) {
            double deviation = Math.sqrt(squares[m]);
            scale[m] = deviation < LEAST_DEVIATION ? 0 : 1 / deviation;
        }
    }

    private static Part part(float[] values, Items items, double[] mean, double[] scale) {
        int width = mean.length;
        float[] standard = new float[values.length];
        for (int at = 0; at < values.length; at++) {
            standard[at] = (float) ((values[at] - mean[at % width]) * scale[at % width]);
        }
        return new Part(standard, items.labels());
    }

    /** Returns the scores of some of the vectors. */
    ConceptScores only(int[] vectors) {
        return new ConceptScores(
                only(train, vectors), only(validation, vectors), only(test, vectors), vectors.length, classes);
    }

    private Part only(Part part, int[] vectors) {
        float[] some = new float[part.size() * vectors.length];
        for (int at = 0; at < some.length; at++) {
            some[at] = part.values()[at / vectors.length * width + vectors[at % vectors.length]];
        }
        return new Part(some, part.labels());
    }
}
