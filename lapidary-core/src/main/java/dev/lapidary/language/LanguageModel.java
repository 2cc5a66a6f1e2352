package dev.lapidary.language;

import dev.lapidary.linear.LinearForm;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.Sha256;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ParameterLayout;
import dev.lapidary.runtime.tensor.DType;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Replicable;
import dev.lapidary.torch.Tensors;
import dev.lapidary.torch.TorchScope;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A decoder language model on PyTorch: maps token ids to the logits of the token that follows each.
 *
 * <p>All weights are float32 leaf tensors, linear weights as [out, in]. Gradients flow to every parameter, and every tensor that
 * stands in for one, that requires a gradient. Tensors that methods return belong to the caller: the open {@link TorchScope}
 * frees them. Closing the model frees its parameters. Not safe for use by several threads at once.
 */
public final class LanguageModel implements Replicable<LanguageModel> {
    private final ModelConfig config;
    private final Weights weights;
    private final Decoder decoder;

    private LanguageModel(ModelConfig config, Weights weights) {
        this.config = config;
        this.weights = weights;
        this.decoder = Decoder.of(config, weights);
    }

    /**
     * Makes a model with random weights: norms 1, biases 0, all else normal with deviation 0.02, divided by √(2·layers) where a
     * residual branch ends. The same seed gives the same weights.
     */
    public static LanguageModel create(ModelConfig config, long seed) {
        return new LanguageModel(config, FreshWeights.of(config, seed));
    }

    /**
     * Opens a Hugging Face folder: {@code config.json} and {@code model.safetensors} or its shards with their index; or a folder that
     * {@link CompressedCheckpoint} wrote, with its linear layers in their forms. Tensors of type F16 and BF16 become float32.
     *
     * @throws InputException in one line where something is missing, malformed or not supported
     */
    public static LanguageModel open(Path folder) throws IOException {
        ModelConfig config = ConfigJson.read(folder);
        return new LanguageModel(config, CheckpointReader.read(folder, config));
    }

    /**
     * Returns the type in which a Hugging Face folder stores a model's weights, F32 where they are of several.
     *
     * @throws InputException where the folder holds no weights
     */
    public static DType storedType(Path folder) throws IOException {
        try (StoredWeights stored = StoredWeights.open(folder)) {
            return stored.type();
        }
    }

    /**
     * Returns a model for another thread: it reads the same memory, what stands in for a parameter included, multiplies in the same
     * type and gathers gradients of its own. The caller closes it before this one.
     */
    @Override
    public LanguageModel replica() {
        return new LanguageModel(config, weights.replica());
    }

    /** Returns what requires a gradient of what the forward reads, tensors of linear weights' forms included. */
    @Override
    public List<Tensor> trained() {
        return weights.trained();
    }

    /**
     * Writes {@code config.json} and {@code model.safetensors}, sharded above 5 GB, into a folder. Weights that were replaced
     * are written as they are without that.
     *
     * @param folder exists; a caller who wants all or nothing passes a temporary one
     * @param type F32, F16 or BF16
     */
    public void save(Path folder, DType type) throws IOException {
        save(folder, type, weights::own);
    }

    /** Writes as {@link #save} does, but with what the forward reads: weights that were replaced are written as replaced. */
    public void saveReplaced(Path folder, DType type) throws IOException {
        save(folder, type, this::value);
    }

    private void save(Path folder, DType type, Function<String, Tensor> values) throws IOException {
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            SequencedMap<String, Tensor> named = new LinkedHashMap<>();
            names().forEach(name -> named.put(name, values.apply(name)));
            new CheckpointWriter(folder, config, type).write(named);
        }
    }

    /** Returns the model's shape. */
    public ModelConfig config() {
        return config;
    }

    /** Returns the SHA-256 over names, shapes and float32 values of all parameters; stand-ins do not count. */
    public String digest() {
        MessageDigest digest = Sha256.digest();
        parameters().forEach((name, parameter) -> FormValues.addTo(digest, name, parameter));
        return Sha256.hex(digest);
    }

    /** Returns the Hugging Face names of the parameters, as an ordinary checkpoint has them, in the order of use. */
    public List<String> names() {
        return List.copyOf(ParameterLayout.shapes(config).sequencedKeySet());
    }

    /**
     * Returns the model's own tensors by name; they live as long as the model. Those are the parameters by their Hugging Face names,
     * but for linear weights that were opened in another form than a dense one: of these they are the form's, such as {@code
     * model.layers.0.mlp.up_proj.u}.
     */
    public SequencedMap<String, Tensor> parameters() {
        return weights.parameters();
    }

    /**
     * Returns a parameter itself, even where it was replaced.
     *
     * @throws IllegalArgumentException where there is none of that name
     */
    public Tensor parameter(String name) {
        return weights.parameter(name);
    }

    /** Returns the names of the attention and MLP linear weights of all blocks, in the order of use. */
    public List<String> prunable() {
        return IntStream.range(0, config.layers())
                .mapToObj(this::prunable)
                .flatMap(List::stream)
                .toList();
    }

    /** Returns the names of the attention and MLP linear weights of a block, in the order of use. */
    public List<String> prunable(int block) {
        return ParameterLayout.prunable(config, block);
    }

    /**
     * Lets the forward read another tensor instead of a parameter, until it is restored or replaced again. The model shares the
     * tensor's memory and gradient; the caller's own handle is not needed.
     *
     * @param parameter the name of a parameter
     * @param value of the parameter's shape, float32
     */
    public void replace(String parameter, Tensor value) {
        weights.replace(parameter, value);
    }

    /**
     * Lets the forward multiply with a linear weight in another form, until it is restored or replaced again; the model closes the form
     * then.
     *
     * @param weight one of {@link #prunable()}
     * @param form float32 of the weight's shape
     */
    public void replace(String weight, LinearForm form) {
        weights.replace(weight, form);
    }

    /**
     * Restores a linear weight that was replaced.
     *
     * @return the form that stood in for it, which is the caller's to close or to put back
     */
    public LinearForm release(String weight) {
        return weights.release(weight);
    }

    /** Returns the form in which the forward reads one of the weights {@link #prunable()}; it belongs to the model. */
    public LinearForm form(String weight) {
        return weights.form(weight);
    }

    /** Lets the forward read a parameter itself again. */
    public void restore(String parameter) {
        weights.restore(parameter);
    }

    /** Lets the forward read all parameters themselves again. */
    public void restoreAll() {
        weights.restoreAll();
    }

    /**
     * Chooses the type in which the blocks' linear layers multiply from now on, at first float32. Weights, sums between layers and
     * gradients stay float32; with bfloat16 they carry its rounding.
     */
    public void multiplyIn(Products type) {
        weights.multiplyIn(type);
    }

    /** Returns the type in which the blocks' linear layers multiply. */
    public Products products() {
        return weights.products();
    }

    /** Returns the bytes that a backward pass keeps of each token of a text of some length for the attention of all blocks. */
    public long attentionBytes(long length, Products type) {
        return config.layers() * Attention.pairBytes(config, length, type);
    }

    /**
     * Returns what the forward reads for a parameter: the parameter, or what replaced it. A linear weight in another form than a dense
     * one is materialised: the open scope frees it where that makes a new tensor.
     */
    public Tensor value(String parameter) {
        return weights.get(parameter);
    }

    /** Maps tokens [batch, length] int64 to the first block's input [batch, length, width]. */
    public Tensor embed(Tensor tokens) {
        requireContext(tokens.size(1));
        return decoder.embed(tokens, 0);
    }

    /**
     * Applies a block to x [batch, length, width].
     *
     * @param observer sees the input of every prunable linear layer
     * @return of the same shape
     */
    public Tensor block(int index, Tensor x, @Nullable LinearInputs observer) {
        requireContext(x.size(1));
        try (var scope = TorchScope.open()) {
            return scope.keep(decoder.block(index, x, null, observer));
        }
    }

    /** Applies the last norm to the last block's output, [batch, length, width]. */
    public Tensor finish(Tensor x) {
        return decoder.finish(x);
    }

    /** Maps tokens [batch, length] int64 to the input of the output layer [batch, length, width]. */
    public Tensor hidden(Tensor tokens) {
        try (var scope = TorchScope.open()) {
            Tensor x = embed(tokens);
            for (int i = 0; i < config.layers(); i++) {
                Tensor next = block(i, x, null);
                x.close();
                x = next;
            }
            return scope.keep(finish(x));
        }
    }

    /** Returns the output layer [vocabulary, width]: the embedding where they are tied; it belongs to the model. */
    public Tensor outputWeight() {
        return weights.get(config.tiedEmbeddings() ? ParameterLayout.embedding(config) : "lm_head.weight");
    }

    /** Maps hidden [.., width] to logits [.., vocabulary]. */
    public Tensor logits(Tensor hidden) {
        return torch.linear(hidden, outputWeight());
    }

    /**
     * Makes an empty cache for {@link #next}, which the caller closes.
     *
     * @param capacity most positions of the text, at most the context
     */
    public KeyValueCache newCache(int capacity) {
        return new KeyValueCache(config, capacity);
    }

    /**
     * Reads the next tokens of a text, without gradients.
     *
     * @param tokens at least one; they are the text's positions from the cache's length on
     * @return the logits [vocabulary] of what follows the last of them
     * @throws InputException where the cache has no room for them
     */
    public Tensor next(long[] tokens, KeyValueCache cache) {
        if (tokens.length < 1 || tokens.length > cache.capacity() - cache.length()) {
            throw new InputException("tokens to read must be from 1 to " + (cache.capacity() - cache.length())
                    + "; got " + tokens.length);
        }
        try (var scope = TorchScope.open();
                var still = new NoGradGuard()) {
            Tensor x = decoder.embed(Tensors.of(tokens, 1, tokens.length), cache.length());
            for (int i = 0; i < config.layers(); i++) {
                x = cached(i, x, cache);
            }
            cache.advance(tokens.length);
            Tensor last = x.narrow(1, tokens.length - 1, 1);
            return scope.keep(logits(finish(last)).view(config.vocabulary()));
        }
    }

    private Tensor cached(int index, Tensor x, KeyValueCache cache) {
        try (var scope = TorchScope.open()) {
            return scope.keep(decoder.block(index, x, cache, null));
        }
    }

    private void requireContext(long length) {
        if (length > config.context()) {
            throw new InputException(
                    "a text must have at most the model's context of " + config.context() + " tokens; got " + length);
        }
    }

    @Override
    public void close() {
        decoder.close();
        weights.close();
    }
}
