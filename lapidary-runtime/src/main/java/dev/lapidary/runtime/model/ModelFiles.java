package dev.lapidary.runtime.model;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.generate.TextCodec;
import dev.lapidary.runtime.gguf.GgufFile;
import dev.lapidary.runtime.packed.PackedFile;
import dev.lapidary.runtime.packed.PackedTensor;
import dev.lapidary.runtime.token.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SequencedMap;

/** Makes models of the files that hold them. */
final class ModelFiles {
    private ModelFiles() {}

    /** Opens a file as {@link Model#open(Path, int, PackedFile.Verify)} says. */
    static Model open(Path file, int threads, PackedFile.Verify verify) throws IOException {
        return GgufFile.isGguf(file) ? gguf(file, threads) : packed(file, threads, verify);
    }

    private static Model gguf(Path file, int threads) throws IOException {
        GgufModel model = GgufModel.open(file);
        GgufWeights weights = new GgufWeights(model);
        try {
            return Model.of(model.config(), weights, new TokenizerCodec(model.tokenizer()), threads);
        } catch (RuntimeException | Error failed) {
            weights.close();
            throw failed;
        }
    }

    private static Model packed(Path file, int threads, PackedFile.Verify verify) throws IOException {
        PackedFile packed = PackedFile.open(file, verify);
        try {
            ModelConfig config = ConfigCodec.read(file.toString(), packed.config());
            requireShapes(file, packed, config);
            TextCodec codec = packed.tokenizer()
                    .map(Tokenizer::of)
                    .map(TokenizerCodec::new)
                    .orElse(null);
            return Model.of(config, new PackedWeights(packed), codec, threads);
        } catch (RuntimeException | Error failed) {
            packed.close();
            throw failed;
        }
    }

    /** Compares the shapes of the file's header with the config's, before anything is made of the config's size. */
    private static void requireShapes(Path file, PackedFile packed, ModelConfig config) {
        SequencedMap<String, List<Long>> shapes = ParameterLayout.shapes(config);
        shapes.forEach((name, wanted) -> {
            PackedTensor tensor = packed.tensor(name);
            String what =
                    file + ": tensor '" + name + "' at offset " + tensor.data().offset();
            ParameterLayout.requireShape(what, wanted, tensor.shape());
        });
        for (PackedTensor tensor : packed.tensors()) {
            if (!shapes.containsKey(tensor.name())) {
                throw new InputException(
                        file + ": must have no tensors that this model does not use; got '" + tensor.name() + "'");
            }
        }
    }
}
