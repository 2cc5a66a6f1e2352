package dev.lapidary.concept.kernel;

/** Every {@link BottleneckLoss} and the cross-entropy in float64, straight from their formulas. */
final class ScalarLosses {
    private ScalarLosses() {}

    /** Returns the mean cross-entropy of z [B, K] and sets its gradient. */
    static double crossEntropy(double[][] z, int[] labels, double[][] dz) {
        double loss = 0;
        for (int b = 0; b < z.length; b++) {
            double logSum = logSumExp(z[b]);
            loss += logSum - z[b][labels[b]];
            for (int k = 0; k < z[b].length; k++) {
                dz[b][k] = (Math.exp(z[b][k] - logSum) - (labels[b] == k ? 1 : 0)) / z.length;
            }
        }
        return loss / z.length;
    }

    /** Returns the loss on the layer and adds its gradient in c [B, M] to dc and that in W [M, M] itself to dw. */
    static double layer(
            BottleneckLoss loss,
            double[][] s,
            double[][] c,
            double[][][] noise,
            double[] w,
            double[][] dc,
            double[] dw) {
        return switch (loss) {
            case BottleneckLoss.None none -> 0;
            case BottleneckLoss.L1 one -> l1(one.lambda() / c[0].length, w, dw);
            case BottleneckLoss.Contrastive contrastive -> contrastive(c, dc);
            case BottleneckLoss.Gumbel gumbel -> gumbel(gumbel.temperature(), c, noise, dc);
            case BottleneckLoss.Similarity similarity -> similarity(similarity.cubed(), s, c, dc);
        };
    }

    private static double l1(double strength, double[] w, double[] dw) {
        double sum = 0;
        for (int i = 0; i < w.length; i++) {
            sum += Math.abs(w[i]);
            dw[i] += strength * Math.signum(w[i]);
        }
        return strength * sum;
    }

    private static double contrastive(double[][] c, double[][] dc) {
        int pairs = Math.min(c.length, c[0].length);
        double loss = 0;
        for (int i = 0; i < pairs; i++) {
            double[] column = column(c, i);
            double ofColumn = logSumExp(column);
            double ofRow = logSumExp(c[i]);
            loss += ofColumn + ofRow - 2 * c[i][i];
            for (int b = 0; b < c.length; b++) {
                dc[b][i] += Math.exp(c[b][i] - ofColumn) / (2.0 * pairs);
            }
            for (int m = 0; m < c[i].length; m++) {
                dc[i][m] += Math.exp(c[i][m] - ofRow) / (2.0 * pairs);
            }
            dc[i][i] -= 1.0 / pairs;
        }
        return loss / (2.0 * pairs);
    }

    private static double gumbel(double temperature, double[][] c, double[][][] noise, double[][] dc) {
        int rows = c.length;
        int concepts = c[0].length;
        double[][][] x = new double[2][rows][concepts];
        for (int axis = 0; axis < 2; axis++) {
            for (int b = 0; b < rows; b++) {
                for (int m = 0; m < concepts; m++) {
                    x[axis][b][m] = (c[b][m] + noise[axis][b][m]) / temperature;
                }
            }
        }
        double all = 2.0 * rows * concepts;
        double loss = 0;
        for (int m = 0; m < concepts; m++) {
            double logSum = logSumExp(column(x[0], m));
            for (int b = 0; b < rows; b++) {
                loss += logSum - x[0][b][m];
                dc[b][m] += (rows * Math.exp(x[0][b][m] - logSum) - 1) / (all * temperature);
            }
        }
        for (int b = 0; b < rows; b++) {
            double logSum = logSumExp(x[1][b]);
            for (int m = 0; m < concepts; m++) {
                loss += logSum - x[1][b][m];
                dc[b][m] += (concepts * Math.exp(x[1][b][m] - logSum) - 1) / (all * temperature);
            }
        }
        return loss / all;
    }

    private static double similarity(boolean cubed, double[][] s, double[][] c, double[][] dc) {
        int concepts = c[0].length;
        double loss = 0;
        for (int m = 0; m < concepts; m++) {
            double[] u = centred(column(s, m));
            double[] own = centred(column(c, m));
            if (constant(u, s, m) || constant(own, c, m)) {
                continue;
            }
            double[] v = own.clone();
            for (int b = 0; cubed && b < u.length; b++) {
                u[b] *= u[b] * u[b];
                v[b] *= v[b] * v[b];
            }
            double a = Math.sqrt(dot(u, u));
            double length = Math.sqrt(dot(v, v));
            double cosine = dot(u, v) / (a * length);
            loss -= cosine / concepts;
            double[] g = new double[u.length];
            for (int b = 0; b < g.length; b++) {
                g[b] = u[b] / (a * length) - v[b] * cosine / (length * length);
                g[b] *= cubed ? 3 * own[b] * own[b] : 1;
            }
            g = centred(g);
            for (int b = 0; b < g.length; b++) {
                dc[b][m] -= g[b] / concepts;
            }
        }
        return loss;
    }

    private static boolean constant(double[] centred, double[][] raw, int m) {
        double[] column = column(raw, m);
        return dot(centred, centred) <= 1e-24 * dot(column, column);
    }

    private static double[] centred(double[] x) {
        double mean = 0;
        for (double value : x) {
            mean += value / x.length;
        }
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i] - mean;
        }
        return out;
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[] column(double[][] x, int m) {
        double[] column = new double[x.length];
        for (int b = 0; b < x.length; b++) {
            column[b] = x[b][m];
        }
        return column;
    }

    private static double logSumExp(double[] x) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            largest = Math.max(largest, value);
        }
        double sum = 0;
        for (double value : x) {
            sum += Math.exp(value - largest);
        }
        return largest + Math.log(sum);
    }
}
