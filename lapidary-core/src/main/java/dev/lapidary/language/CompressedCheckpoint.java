package dev.lapidary.language;

import dev.lapidary.linear.DenseLinear;
import dev.lapidary.linear.LinearForm;
import dev.lapidary.linear.StoredLinear;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.artifact.Artifact;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.safetensors.SafetensorsWriter;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/**
 * Writes a model whose linear layers stand in {@link LinearForm forms} of their own as a folder, which {@link LanguageModel#open} reads.
 *
 * <p>{@code lapidary.json} names the kind and settings of each layer that is stored in another form than as a matrix. {@code
 * compressed.safetensors} holds the tensors of those forms, such as {@code model.layers.0.mlp.up_proj.u}, with W as [out, in] for
 * every family of models, and all other parameters as an ordinary checkpoint has them. The file has a name of its own so that other
 * tools refuse the folder instead of making up the weights that they miss; {@link #materialise} writes what they read.
 *
 * <pre>{@code
 * try (LanguageModel model = LanguageModel.open(base)) {
 *     for (String weight : model.prunable()) {
 *         model.replace(weight, LowRankLinear.nearest(model.parameter(weight), 64));
 *     }
 *     CompressedCheckpoint.write(small, base, model, DType.F32);
 * }
 * try (LanguageModel model = LanguageModel.open(small)) {
 *     Perplexity.measure(model, tokens, Protocol.HF, 128, progress, cancellation);
 * }
 * }</pre>
 */
public final class CompressedCheckpoint {
    /** The format that the {@value AtomicFiles#MARKER} of such a folder names. */
    public static final String FORMAT = "lapidary-compressed-model";

    static final String TENSORS = "compressed.safetensors";

    private CompressedCheckpoint() {}

    /**
     * What the linear layers of the blocks weigh, biases not counted.
     *
     * @param bytes of their tensors
     * @param denseBytes of their weights as matrices of the same type
     * @param multiplyAdds for one token
     * @param denseMultiplyAdds the same of matrices
     */
    public record Size(long bytes, long denseBytes, long multiplyAdds, long denseMultiplyAdds) {
        /** Adds up the layers of a model as its forward reads them, values counted in the width of a type. */
        public static Size of(LanguageModel model, DType type) {
            long bytes = 0;
            long multiplyAdds = 0;
            long dense = 0;
            for (String name : model.prunable()) {
                LinearForm form = model.form(name);
                bytes += form.bytes(type);
                multiplyAdds += form.multiplyAdds();
                dense += form.out() * form.in();
            }
            return new Size(bytes, dense * type.bytes(), multiplyAdds, dense);
        }
    }

    /**
     * Writes what the forward of a model reads, all or nothing.
     *
     * @param out new, empty or a compressed model, which is replaced
     * @param source folder whose tokenizer's files come along
     * @param type F32, F16 or BF16, to which values are rounded
     */
    public static Size write(Path out, Path source, LanguageModel model, DType type) throws IOException {
        Artifact.write(out, new CompressedModelArtifact(), temporary -> {
            AtomicFiles.writeString(
                    temporary.resolve(ConfigJson.FILE),
                    ConfigJson.write(model.config(), CheckpointWriter.typeName(type)));
            writeTensors(temporary, model, type);
            TokenizerFiles.copy(source, temporary);
        });
        return Size.of(model, type);
    }

    private static void writeTensors(Path folder, LanguageModel model, DType type) throws IOException {
        SequencedMap<String, CompressedLayers.Layer> layers = new LinkedHashMap<>();
        List<TensorView> views = new ArrayList<>();
        List<String> linear = model.prunable();
        try (TorchScope scope = TorchScope.open();
                NoGradGuard off = new NoGradGuard()) {
            for (String name : model.names()) {
                if (!linear.contains(name) || model.form(name) instanceof DenseLinear) {
                    views.add(view(model, name, type));
                    continue;
                }
                StoredLinear stored = model.form(name).store(type);
                layers.put(name, CompressedLayers.Layer.of(stored));
                stored.tensors().values().forEach(view -> views.add(named(Weights.layer(name), view)));
            }
            SafetensorsWriter.write(folder.resolve(TENSORS), views, Map.of());
        }
        AtomicFiles.writeString(folder.resolve(AtomicFiles.MARKER), new CompressedLayers(layers).toJson(type));
    }

    private static TensorView view(LanguageModel model, String name, DType type) {
        Tensor value = model.value(name);
        return Tensors.view(name, ParameterLayout.transposed(model.config(), name) ? value.t() : value, type);
    }

    private static TensorView named(String layer, TensorView view) {
        return new TensorView(layer + view.name(), view.dtype(), view.shape(), view.data());
    }

    /**
     * Writes the model of a compressed folder as an ordinary Hugging Face checkpoint with a matrix for each linear weight, all or nothing,
     * for tools that know no other form. It is a call of the library alone, since no command writes compressed folders.
     *
     * @param compressed folder that {@link #write} wrote
     * @param out new, empty or a language model that Lapidary wrote, which is replaced
     * @param type F32, F16 or BF16
     * @throws InputException where the folder is no compressed model, or out is something else
     */
    public static void materialise(Path compressed, Path out, DType type) throws IOException {
        CompressedLayers.read(compressed);
        try (LanguageModel model = LanguageModel.open(compressed)) {
            Artifact.write(out, new LanguageModelArtifact(), temporary -> {
                model.save(temporary, type);
                TokenizerFiles.copy(compressed, temporary);
            });
        }
    }
}
