package dev.lapidary.sparsity;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.torch.TorchScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/** A character model of real English, trained in seconds: WordNet's definitions, which are on the class path. */
final class TinyLanguage {
    static final int VOCABULARY = 96; // printable ASCII and the end of a line
    private static final String NOUNS = "/net/sf/extjwnl/data/wordnet/wn31/data.noun";

    private TinyLanguage() {}

    /** Every 40th definition: about 150,000 characters. */
    static int[] tokens(int stride) {
        List<Integer> tokens = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(TinyLanguage.class.getResourceAsStream(NOUNS))) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            int count = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int gloss = line.indexOf(" | ");
                if (!line.startsWith("  ") && gloss > 0 && count++ % stride == 0) {
                    line.substring(gloss + 3)
                            .strip()
                            .chars()
                            .filter(c -> c >= 32 && c < 127)
                            .forEach(c -> tokens.add(c - 31));
                    tokens.add(0);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    static Corpus corpus(int[] tokens) {
        return new Corpus(tokens, "tiny" + tokens.length);
    }

    /** Trains all weights with AdamW. */
    static LanguageModel train(ModelConfig config, int[] tokens, int steps, int batch, long seed) {
        LanguageModel model = LanguageModel.create(config, seed);
        TrainingWindows windows = new TrainingWindows(tokens, config.context(), batch, seed);
        try (TensorVector parameters =
                        new TensorVector(model.parameters().values().toArray(Tensor[]::new));
                AdamW optimiser = new AdamW(parameters, new AdamWOptions(3e-3))) {
            model.parameters().values().forEach(p -> p.set_requires_grad(true));
            for (int step = 0; step < steps; step++) {
                try (TorchScope scope = TorchScope.open()) {
                    optimiser.zero_grad();
                    int[] starts = windows.starts(step);
                    Tensor hidden = model.hidden(windows.loss().inputs(starts));
                    Tensor logits = model.logits(hidden.reshape(-1, config.width()));
                    org.bytedeco
                            .pytorch
                            .global
                            .torch
                            .cross_entropy_loss(logits, windows.loss().targets(starts))
                            .backward();
                    optimiser.step();
                }
            }
        }
        return model;
    }
}
