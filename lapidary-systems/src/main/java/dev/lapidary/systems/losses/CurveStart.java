package dev.lapidary.systems.losses;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.systems.language.LanguageProblem;
import dev.lapidary.torch.TorchScope;
import java.util.Objects;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Where the trainings of one seed start.
 *
 * @param model its weights stay; closing this closes it
 * @param texts to train on and to measure on
 */
record CurveStart(LanguageModel model, LanguageProblem.Texts texts) implements AutoCloseable {
    /** Returns a copy of the model, which the caller closes. */
    LanguageModel copy() {
        LanguageModel copy = LanguageModel.create(model.config(), 0);
        try (var scope = TorchScope.open();
                var noGradients = new NoGradGuard()) {
            var values = model.parameters();
            for (var parameter : copy.parameters().entrySet()) {
                Tensor value = Objects.requireNonNull(values.get(parameter.getKey()));
                parameter.getValue().copy_(value);
            }
        }
        return copy;
    }

    @Override
    public void close() {
        model.close();
    }
}
