package dev.lapidary.systems.gumbel;

import dev.lapidary.systems.gumbel.EstimatorKind.Setting;
import java.util.List;
import java.util.Locale;

/** Prints the validation bound of every tried setting under development seeds: how the chosen ones of {@link LatentTask} were found. */
final class EstimatorTuning {
    private EstimatorTuning() {}

    /** Takes a task, such as CATEGORICAL_VAE, the first seed and the number of seeds, all below 5, and estimators, or none for all. */
    public static void main(String[] arguments) {
        LatentTrial trial = LatentTrial.full(LatentTask.valueOf(arguments[0]));
        long first = Long.parseLong(arguments[1]);
        List<String> wanted = List.of(arguments).subList(3, arguments.length);
        for (long seed = first; seed < first + Long.parseLong(arguments[2]); seed++) {
            LatentTask.Problem problem = trial.draw(seed);
            for (EstimatorKind kind : trial.task().kinds()) {
                if (!wanted.isEmpty() && !wanted.contains(kind.name())) {
                    continue;
                }
                for (int i = 0; i < trial.task().tried(kind).size(); i++) {
                    Setting setting = trial.task().tried(kind).get(i);
                    double bound = trial.validationBound(kind, setting, problem, seed);
                    System.out.printf(
                            Locale.ROOT,
                            "%s, seed %d, %s, %d: %s: %.3f%n",
                            trial.name(),
                            seed,
                            kind.arm(),
                            i,
                            kind.describe(setting),
                            bound);
                }
            }
        }
    }
}
