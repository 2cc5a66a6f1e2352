package dev.lapidary.language;

import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.model.PerplexityResult;
import dev.lapidary.runtime.model.Protocol;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.train.TrainingResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A trained language model with what its training says.
 *
 * @param model has the weights of the best validation; closing this closes it
 * @param training steps done and why they ended
 * @param perplexity of the whole held-out part, by windows of the model's context without overlap ({@link Protocol#HF})
 * @param trainTokens tokens of the training part
 * @param tokensPerSecond tokens trained on in a second of training, validations and checkpoints included
 */
public record TrainedModel(
        LanguageModel model,
        TrainingResult training,
        PerplexityResult perplexity,
        int trainTokens,
        double tokensPerSecond)
        implements AutoCloseable {
    /** The format that the {@value AtomicFiles#MARKER} of a written folder names. */
    public static final String FORMAT = "lapidary-language-model";

    /** The file of a training's metrics, one JSON object a line. */
    public static final String METRICS = "metrics.jsonl";

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int VERSION = 1;

    /** Returns the number of trained values. */
    public long parameters() {
        return model.parameters().values().stream().mapToLong(Tensor::numel).sum();
    }

    /** Returns the number of prunable weights. */
    public long prunable() {
        return model.prunable().stream()
                .mapToLong(name -> model.parameter(name).numel())
                .sum();
    }

    /**
     * Writes a folder that Hugging Face's tools load, in one piece: {@code config.json}, {@code model.safetensors} (float32), {@code
     * tokenizer.json}, {@code tokenizer_config.json}, and {@value AtomicFiles#MARKER} with how it came about.
     *
     * @param source folder with the {@code tokenizer.json} that made the corpus; its {@code metrics.jsonl}, where there is one, comes
     *     along
     * @param settings what to note down
     */
    public void write(Path folder, Path source, Map<String, String> settings) {
        try {
            Artifact.write(folder, new LanguageModelArtifact(), temporary -> {
                model.save(temporary, DType.F32);
                Files.copy(source.resolve(TextTokenizer.FILE), temporary.resolve(TextTokenizer.FILE));
                if (Files.exists(source.resolve(METRICS))) {
                    Files.copy(source.resolve(METRICS), temporary.resolve(METRICS));
                }
                Files.writeString(temporary.resolve("tokenizer_config.json"), tokenizerConfig());
                Files.writeString(temporary.resolve(AtomicFiles.MARKER), marker(settings));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(folder + " cannot be written", e);
        }
    }

    private String tokenizerConfig() {
        ObjectNode config = JSON.createObjectNode();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        config.put("eos_token", BytePairTrainer.END_OF_TEXT);
        config.put("model_max_length", model.config().context());
        config.put("clean_up_tokenization_spaces", false);
        return config.toString() + "\n";
    }

    private String marker(Map<String, String> settings) {
        ObjectNode marker = JSON.createObjectNode();
        marker.put("format", FORMAT);
        marker.put("version", VERSION);
        marker.put("steps", training.steps());
        training.bestStep().ifPresent(step -> marker.put("bestStep", step));
        marker.put("perplexity", perplexity.perplexity());
        ObjectNode noted = marker.putObject("settings");
        new TreeMap<>(settings).forEach(noted::put);
        return marker.toString() + "\n";
    }

    @Override
    public void close() {
        model.close();
    }
}
