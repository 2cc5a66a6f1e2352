package dev.lapidary.app.command;

import dev.lapidary.concept.calibration.Calibration;
import dev.lapidary.concept.calibration.CalibrationReport;
import dev.lapidary.concept.calibration.ConformalSets;
import dev.lapidary.concept.classifier.ConceptClassifier;
import dev.lapidary.runtime.InputException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that asks for prediction sets, and what is said of a model that cannot give them. */
final class ErrorRateOption {
    @Option(
            names = {"--error-rate", "--alpha"},
            paramLabel = "RATE",
            description =
                    "Say all classes that the item may belong to, such that the true one is missing for at most this share of "
                            + "items on average, such as 0.1; abstain where that is not one class.")
    private @Nullable Double rate;

    /** Whether sets are asked for. */
    boolean given() {
        return rate != null;
    }

    /** Refuses a rate that is none, before anything is read. */
    void requireSound() {
        if (rate != null) {
            ConformalSets.requireRate(rate);
        }
    }

    /**
     * Returns the sets that were asked for, of a classifier's calibration.
     *
     * @throws InputException where they were asked for and it has none
     */
    Optional<ConformalSets> sets(ConceptClassifier classifier, Path model, Output output) {
        Optional<Calibration> calibration = classifier.calibration();
        Double asked = rate;
        if (asked == null) {
            if (calibration.isEmpty()) {
                output.remark("no calibrated probabilities: " + none(model));
            }
            return Optional.empty();
        }
        ConformalSets sets = calibration
                .orElseThrow(() ->
                        new InputException("--error-rate needs a calibrated model; got one without: " + none(model)))
                .sets(asked);
        if (sets.tooFewItems()) {
            output.remark("warning: " + CalibrationReport.tooFewItems(asked, sets.items()));
        }
        return Optional.of(sets);
    }

    /** Says why a model may have no calibration, and how it gets one. */
    static String none(Path model) {
        return model + " is of an earlier version or was edited by hand; lapidary concepts calibrate --model " + model
                + " adds a calibration";
    }
}
