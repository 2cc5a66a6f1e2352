package dev.lapidary.synthetic;

import dev.lapidary.runtime.InputException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Draws series that are a sum of known parts: a trend whose slope changes, seasons, noise that remembers, and outliers.
 *
 * <p>The noise is an autoregression of order 1, e[t] = memory·e[t−1] + innovation, in its stationary state. So whoever knows all parts but
 * the future innovations has a mean square error of noise² one step ahead, and of noise²·(1 − memory^(2h))/(1 − memory²) h steps ahead.
 *
 * <p><b>Why this is a fair stand-in:</b> what decomposition and forecasting methods claim to separate is here separate by construction, and
 * the least error of a forecast is known.
 *
 * <p><b>What it cannot show:</b> that a method copes with seasons that change, calendars, several series that drive each other, or trends
 * that are not made of straight pieces.
 *
 * @param length steps, at least 2
 * @param seasons waves with a drawn phase
 * @param slope deviation of the trend's slope per 100 steps, drawn anew at each change
 * @param changes how often the slope changes, at drawn steps
 * @param memory of the noise, in [0, 1)
 * @param noise deviation of the innovations
 * @param outliers how many drawn steps have one
 * @param outlierSize what is added there, with a drawn sign
 */
public record SeasonalSeries(
        int length,
        List<Season> seasons,
        double slope,
        int changes,
        double memory,
        double noise,
        int outliers,
        double outlierSize) {

    /**
     * A wave.
     *
     * @param period steps, at least 2
     * @param amplitude half of the distance from lowest to highest
     */
    public record Season(double period, double amplitude) {
        /** Checks the values. */
        public Season {
            if (!(period >= 2 && amplitude >= 0 && Double.isFinite(period + amplitude))) {
                throw new InputException("a season's period must be at least 2 and its amplitude at least 0; got "
                        + period + " and " + amplitude);
            }
        }
    }

    /**
     * A series and its parts, each [length]; the parts add up to the values.
     *
     * @param changePoints the steps at which the slope changes, rising
     * @param outlierSteps the steps that have an outlier, rising
     */
    @SuppressWarnings("ArrayRecordComponent") // data to be read
    public record Series(
            double[] values,
            double[] trend,
            double[] seasonal,
            double[] remainder,
            double[] outliers,
            int[] changePoints,
            int[] outlierSteps) {}

    /** Checks the values and copies the seasons. */
    public SeasonalSeries {
        seasons = List.copyOf(seasons);
        Draw.atLeast("length", length, 2);
        Draw.between("changes", changes, 0, length - 2);
        Draw.between("outliers", outliers, 0, length);
        Draw.within("memory", memory, 0, 1);
        if (!(slope >= 0 && noise >= 0 && Double.isFinite(slope + noise + outlierSize))) {
            throw new InputException("slope and noise must be at least 0 and the outliers' size finite; got " + slope
                    + ", " + noise + " and " + outlierSize);
        }
    }

    /** Returns a day and a week of hours over a slow trend, with some noise: a small stand-in for demand. */
    public static SeasonalSeries defaults(int length) {
        return new SeasonalSeries(length, List.of(new Season(24, 1), new Season(168, 0.5)), 0.3, 3, 0.6, 0.3, 0, 0);
    }

    /**
     * Draws a series of a seed.
     *
     * @param index series of different indices are independent
     */
    public Series draw(long seed, int index) {
        Draw draw = new Draw(seed, "series." + index);
        int[] changePoints = IntStream.of(draw.permutation(length - 2, 0))
                .limit(changes)
                .map(step -> step + 1)
                .sorted()
                .toArray();
        int[] outlierSteps = IntStream.of(draw.permutation(length, 1))
                .limit(outliers)
                .sorted()
                .toArray();
        double[] trend = trend(draw, changePoints);
        double[] seasonal = seasonal(draw);
        double[] remainder = remainder(draw);
        double[] spikes = new double[length];
        for (int step : outlierSteps) {
            spikes[step] = outlierSize * draw.sign(2, step);
        }
        double[] values = new double[length];
        for (int t = 0; t < length; t++) {
            values[t] = trend[t] + seasonal[t] + remainder[t] + spikes[t];
        }
        return new Series(values, trend, seasonal, remainder, spikes, changePoints, outlierSteps);
    }

    private double[] trend(Draw draw, int[] changePoints) {
        double[] trend = new double[length];
        int piece = 0;
        for (int t = 1; t < length; t++) {
            if (piece < changePoints.length && changePoints[piece] <= t - 1) {
                piece++;
            }
            trend[t] = trend[t - 1] + slope / 100 * draw.normal(3, piece);
        }
        return trend;
    }

    private double[] seasonal(Draw draw) {
        double[] seasonal = new double[length];
        for (int s = 0; s < seasons.size(); s++) {
            double phase = draw.uniform(4, s);
            for (int t = 0; t < length; t++) {
                double turns = t / seasons.get(s).period() + phase;
                seasonal[t] += seasons.get(s).amplitude() * StrictMath.sin(2 * Math.PI * turns);
            }
        }
        return seasonal;
    }

    private double[] remainder(Draw draw) {
        double[] remainder = new double[length];
        for (int t = 0; t < length; t++) {
            double innovation = noise * draw.normal(5, t);
            remainder[t] =
                    t == 0 ? innovation / Math.sqrt(1 - memory * memory) : memory * remainder[t - 1] + innovation;
        }
        return remainder;
    }
}
