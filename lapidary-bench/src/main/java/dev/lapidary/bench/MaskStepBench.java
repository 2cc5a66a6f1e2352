package dev.lapidary.bench;

import dev.lapidary.language.Corpus;
import dev.lapidary.language.LanguageModel;
import dev.lapidary.language.NextTokenLoss;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.sparsity.MaskLearning;
import dev.lapidary.sparsity.MaskLearningSettings;
import dev.lapidary.sparsity.MemoryPlan;
import dev.lapidary.torch.Products;
import dev.lapidary.torch.Torch;
import dev.lapidary.torch.TorchScope;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
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
    private static final String OURS = "ours";
    private static final String DENSE = "dense";
    private static final String MEMORY = "memory";
    private static final String DIFFERENCE = "difference";

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
        int threads = Runtime.getRuntime().availableProcessors();
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("name", name());
        try (SideProcess ours = SideProcess.start(MaskStepBench.class, OURS);
                SideProcess dense = SideProcess.start(MaskStepBench.class, DENSE)) {
            ours.setThreads(threads, threads);
            dense.setThreads(threads, threads);
            Memory memory = ours.ask(MEMORY, Memory.class); // before anything else
            time(result, ours, dense);
            double difference = ours.number(DIFFERENCE);
            result.put("equal", difference <= TOLERANCE);
            result.put("difference", difference);
            result.put("predictedPeakBytes", memory.predictedPeakBytes());
            result.put("peakBytes", memory.peakBytes());
            result.put("parts", memory.parts());
            dense.report(result);
        }
        result.put("threads", threads);
        result.put("sizes", Map.of("tokens", TOKENS, "width", WIDTH, "layers", LAYERS, "vocabulary", VOCABULARY));
        return result;
    }

    /** What steps of mask learning were predicted to take at their peak, in parts, and what their process took; bytes. */
    record Memory(long predictedPeakBytes, long peakBytes, Map<String, Long> parts) {}

    /** One side: the argument is ours or dense. */
    public static void main(String[] arguments) {
        SideProcess.serve(() -> {
            Torch.load();
            ModelConfig config = ModelConfig.llama(VOCABULARY, WIDTH, LAYERS, HEADS, TOKENS);
            Corpus text = new Corpus(
                    new Random(1).ints(WINDOWS * TOKENS + 1, 0, VOCABULARY).toArray(), "random");
            Map<String, Supplier<?>> requests = new HashMap<>();
            if (arguments[0].equals(OURS)) {
                Steps ours = new Steps(config, text);
                putSteps(requests, ours.model, ours::run);
                requests.put(MEMORY, ours::memory);
                requests.put(DIFFERENCE, () -> ours.difference(new Dense(config, text)));
            } else {
                Dense dense = new Dense(config, text);
                putSteps(requests, dense.model, dense::run);
            }
            return requests;
        });
    }

    private static void putSteps(Map<String, Supplier<?>> requests, LanguageModel model, Runnable step) {
        for (Products products : Products.values()) {
            requests.put(products.name(), () -> {
                model.multiplyIn(products);
                return new PairedTiming.Side(step, 1).millis();
            });
        }
    }

    private static MaskLearningSettings settings() {
        return MaskLearningSettings.defaults()
                .withSteps(1_000_000).withBatch(1).withSeed(1)
                .withProducts(Products.F32);
    }

    private static void time(Map<String, Object> result, SideProcess ours, SideProcess dense) {
        PairedTiming exact = pair(Products.F32, ours, dense);
        result.put("ratio", exact.ratio());
        result.put(
                "reference",
                "forward and backward of the same dense model with gradients of the same weights, without an optimiser, PyTorch "
                        + Torch.version());
        result.put("ourMillis", exact.ourMillis());
        result.put("referenceMillis", exact.referenceMillis());
        if (Products.fastest() == Products.BF16) {
            PairedTiming fast = pair(Products.BF16, ours, dense);
            result.put("bf16Ratio", fast.ratio());
            result.put("bf16Millis", fast.ourMillis());
            result.put("bf16ReferenceMillis", fast.referenceMillis());
        }
        result.put("repetitions", exact.repetitions());
    }

    private static PairedTiming pair(Products products, SideProcess ours, SideProcess dense) {
        return PairedTiming.measure(
                () -> ours.number(products.name()), () -> dense.number(products.name()), WARM_UP_SECONDS, REPETITIONS);
    }

    /** Steps of mask learning, one after the other. */
    private static final class Steps {
        private final LanguageModel model;
        private final MaskLearning learning;
        private double loss;
        private long next;

        Steps(ModelConfig config, Corpus text) {
            model = LanguageModel.create(config, 1);
            learning = MaskLearning.prepare(model, text, new Corpus(new int[0], "none"), Optional.empty(), settings());
        }

        void run() {
            loss = learning.step(next++);
        }

        /** How far the loss of a step is from that of plain operations under the weights which it sampled. */
        double difference(Dense dense) {
            model.multiplyIn(Products.F32);
            run();
            return Math.abs(loss - dense.lossUnder(model));
        }

        Memory memory() {
            MemoryPlan plan = learning.plan();
            run();
            run();
            return new Memory(plan.predictedPeakBytes(), ProcessMemory.peak(), plan.parts());
        }
    }

    /** The dense model, which calculates the gradients of its prunable weights. */
    private static final class Dense {
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
    }
}
