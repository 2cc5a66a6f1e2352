package dev.lapidary.app;

import dev.lapidary.language.BytePairTrainer;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A model folder of random weights with a tokenizer, and a text of simple sentences.
 *
 * @param text file that the tokenizer was trained on
 * @param model folder
 */
record SmallLanguageModel(Path text, Path model) {
    private static final List<String> WHO = List.of("the cat", "a dog", "our neighbour", "the king", "an old miller");
    private static final List<String> DOES = List.of("sees", "likes", "follows", "never finds", "sings to");

    /** Writes both into a folder. */
    static SmallLanguageModel in(Path folder, int sentences) throws IOException {
        Path text = writeText(folder.resolve("text.txt"), sentences);
        return new SmallLanguageModel(text, write(folder.resolve("model"), text));
    }

    /** Writes a model of 2 blocks, width 32, context 32, and returns its folder. */
    static Path write(Path folder, Path text) throws IOException {
        Files.createDirectories(folder);
        int vocabulary = BytePairTrainer.train(
                List.of(Files.readString(text)), 300, folder.resolve("tokenizer.json"), Progress.silent());
        try (LanguageModel model = LanguageModel.create(ModelConfig.llama(vocabulary, 32, 2, 2, 32), 1)) {
            model.save(folder, DType.F32);
        }
        return folder;
    }

    /** Writes sentences. */
    static Path writeText(Path file, int sentences) throws IOException {
        SplittableRandom random = new SplittableRandom(3);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sentences; i++) {
            text.append(WHO.get(random.nextInt(WHO.size())))
                    .append(' ')
                    .append(DOES.get(random.nextInt(DOES.size())))
                    .append(' ')
                    .append(WHO.get(random.nextInt(WHO.size())))
                    .append(". ");
        }
        return Files.writeString(file, text);
    }
}
