package dev.lapidary.bench;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.NextTokenLoss;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.runtime.kernel.SparsityPattern;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.MaskLearning;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MemoryPlan;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A whole step of mask learning against a dense forward and backward pass of the same model that calculates weight gradients. */
final class MaskStepBench implements Benchmark {
    private static final int VOCABULARY = 4096;
    private static final int WIDTH = 768;
    private static final int LAYERS = 14; // 99 million prunable weights
    private static final int HEADS = 12;
    private static final int TOKENS = 512;
    private static final int WINDOWS = 2; // one to learn from, which every step sees, and one set aside
    private static final int REPETITIONS = 7;
    private static final double WARM_UP_SECONDS = 6;
    private static final double TOLERANCE = 1e-4;

    @Override
    public String name() {
        return "mask-step";
    }

    @Override
    public String summary() {
        return "a mask-learning step (512 tokens, 99 million prunable weights) against a dense forward and backward pass";
    }

    @Override
    public Map<String, Object> run() {
        Torch.load();
        int threads = Torch.threads();
        Torch.setThreads(threads, threads);
        ModelConfig config = ModelConfig.llama(VOCABULARY, WIDTH, LAYERS, HEADS, TOKENS);
        Corpus text = new Corpus(
                new Random(1).ints(WINDOWS * TOKENS + 1, 0, VOCABULARY).toArray(), "random");
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try (LanguageModel masked = LanguageModel.create(config, 1);
                MaskLearning learning = MaskLearning.prepare(
                        masked, text, new Corpus(new int[0], "none"), Optional.empty(), settings())) {
            MemoryPlan plan = learning.plan();
            Steps ours = new Steps(learning);
            ours.run();
            ours.run();
            long peak = ProcessMemory.peak(); // before the reference takes memory of its own
            try (Dense dense = new Dense(config, text)) {
                double difference = Math.abs(ours.loss - dense.lossUnder(masked));
                time(result, masked, ours, dense);
                result.put("equal", difference <= TOLERANCE);
                result.put("difference", difference);
            }
            result.put("predictedPeakBytes", plan.predictedPeakBytes());
            result.put("peakBytes", peak);
            result.put("parts", plan.parts());
        }
        result.put("threads", threads);
        result.put("sizes", Map.of("tokens", TOKENS, "width", WIDTH, "layers", LAYERS, "vocabulary", VOCABULARY));
        return result;
    }

    private static MaskLearningSettings settings() {
        return MaskLearningSettings.standard(SparsityPattern.TWO_OF_FOUR)
                .running(1_000_000, 1, 1)
                .multiplyingIn(Products.F32);
    }

    private static void time(Map<String, Object> result, LanguageModel masked, Steps ours, Dense dense) {
        PairedTiming exact = pair(Products.F32, masked, ours, dense);
        result.put("ratio", exact.ratio());
        result.put(
                "reference",
                "forward and backward of the same dense model with gradients of the same weights, without an optimiser, PyTorch "
                        + Torch.version());
        result.put("ourMillis", exact.ourMillis());
        result.put("referenceMillis", exact.referenceMillis());
        if (Products.fastest() == Products.BF16) {
            PairedTiming fast = pair(Products.BF16, masked, ours, dense);
            result.put("bf16Ratio", fast.ratio());
            result.put("bf16Millis", fast.ourMillis());
            result.put("bf16ReferenceMillis", fast.referenceMillis());
        }
        result.put("repetitions", exact.repetitions());
    }

    private static PairedTiming pair(Products products, LanguageModel masked, Steps ours, Dense dense) {
        masked.multiplyIn(products);
        dense.model.multiplyIn(products);
        return PairedTiming.measure(
                new PairedTiming.Side(ours::run, 1),
                new PairedTiming.Side(dense::run, 1),
                WARM_UP_SECONDS,
                REPETITIONS);
    }

    /** Steps of mask learning, one after the other. */
    private static final class Steps {
        private final MaskLearning learning;
        private double loss;
        private long next;

        Steps(MaskLearning learning) {
            this.learning = learning;
        }

        void run() {
            loss = learning.step(next++);
        }
    }

    /** The dense model, which calculates the gradients of its prunable weights. */
    private static final class Dense implements AutoCloseable {
        private final LanguageModel model;
        private final List<Tensor> weights;
        private final NextTokenLoss loss;

        Dense(ModelConfig config, Corpus text) {
            model = LanguageModel.create(config, 1);
            model.parameters().values().forEach(parameter -> parameter.set_requires_grad(false));
            weights = model.prunable().stream().map(model::parameter).toList();
            weights.forEach(weight -> weight.set_requires_grad(true));
            loss = new NextTokenLoss(text.tokens(), TOKENS);
        }

        void run() {
            try (TorchScope scope = TorchScope.open()) {
                loss.gradients(model, new int[1], 1, false);
                for (Tensor weight : weights) {
                    weight.mutable_grad().reset();
                }
            }
        }

        /** The loss by plain operations under the sampled weights that the other model still reads. */
        double lossUnder(LanguageModel masked) {
            try (TorchScope scope = TorchScope.open()) {
                model.prunable()
                        .forEach(name -> model.replace(name, masked.value(name).detach()));
                Tensor logits = model.logits(model.hidden(loss.inputs(0)).reshape(-1, WIDTH));
                double plain = torch.cross_entropy_loss(logits, loss.targets(0)).item_double();
                model.restoreAll();
                return plain;
            }
        }

        @Override
        public void close() {
            model.close();
        }
    }
}
