package dev.lapidary.sparsity;

import dev.lapidary.language.LanguageModel;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.file.MemoryLimit;
import dev.lapidary.runtime.file.ProcessMemory;
import dev.lapidary.sparsity.kernel.MaskState;
import dev.lapidary.sparsity.kernel.StateType;
import dev.lapidary.torch.Microbatches;
import dev.lapidary.torch.Products;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/**
 * What memory a mask learning will take, part by part, before it takes it.
 *
 * @param parts bytes by what they are for
 * @param availableBytes bytes that the system could give this process now, beside what it has
 * @param heldBytes bytes of the parts that the process has already
 * @param earlierPeakBytes the largest resident memory that the process had so far, of which it may have given back some
 * @param state how logits and moments are held, for the advice
 * @param passTokens tokens of one forward and backward pass, for the advice
 */
public record MemoryPlan(
        SequencedMap<String, Long> parts,
        long availableBytes,
        long heldBytes,
        long earlierPeakBytes,
        StateType state,
        long passTokens) {
    private static final double MEBI = 1 << 20;
    private static final long BACKWARD_COPIES = 3;
    private static final long NATIVE_GROWTH = 160L << 20; // code, pools and threads that come with the first step
    /**
     * What the heap may grow to while code is not compiled yet and every vector is an object; it grows no more afterwards. 450 to
     * 970 MiB were seen, with a model of 50 thousand weights over 1,200 steps and with one of 100 million.
     */
    private static final long HEAP = 1L << 30;

    /** Copies the parts. */
    public MemoryPlan {
        parts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(parts));
    }

    /** Plans the learning of masks for an opened model. */
    public static MemoryPlan of(LanguageModel model, MaskLearningSettings settings) {
        long all = model.parameters().values().stream().mapToLong(Tensor::numel).sum();
        long learned = settings.learned(model);
        int window = settings.window(model.config().context());
        int passWindows = settings.windowsAPass(window, learned);
        int passes = Math.ceilDiv(settings.batch(), passWindows);
        long passTokens = (long) window * passWindows;
        long tokens = passTokens * Microbatches.underWay(learned, passes);
        SequencedMap<String, Long> parts = new LinkedHashMap<>();
        long resident = ProcessMemory.resident();
        long weights = all * Float.BYTES;
        parts.put("process", Math.max(0, resident - weights) + NATIVE_GROWTH);
        parts.put("heap growth", heapGrowth());
        parts.put("weights", weights);
        parts.put("masked weights", learned * Float.BYTES);
        parts.put("gradients", learned * Float.BYTES * (1 + Microbatches.copies(learned, passes)));
        parts.put("logits and moments", MaskState.bytes(settings.pattern(), settings.state(), learned));
        long attention = model.attentionBytes(window, settings.products());
        parts.put(
                "activations",
                tokens * (floatsAToken(model) * Float.BYTES + copiesAToken(model, settings) + attention));
        parts.put("output layer", outputBytes(model, tokens));
        return new MemoryPlan(
                parts, MemoryLimit.available(), resident, ProcessMemory.peak(), settings.state(), passTokens);
    }

    /** Bytes of the heap beside those in use, as if none of them were resident yet. */
    private static long heapGrowth() {
        Runtime runtime = Runtime.getRuntime();
        long total = runtime.totalMemory(); // is filled before anything is collected
        return Math.min(runtime.maxMemory(), Math.max(total, HEAP)) - (total - runtime.freeMemory());
    }

    /**
     * What autograd keeps of one token in all blocks, by the sizes of the linears: their inputs, outputs and what lies between, and
     * a few times the largest of them while a gradient is calculated.
     */
    private static long floatsAToken(LanguageModel model) {
        long kept = 0;
        long largest = 0;
        for (String name : model.prunable()) {
            Tensor weight = model.parameter(name);
            kept += weight.size(0) + weight.size(1);
            largest = Math.max(largest, Math.max(weight.size(0), weight.size(1)));
        }
        return kept + BACKWARD_COPIES * largest;
    }

    /** Bytes of the inputs of linears that are kept once more where they multiply in bfloat16. */
    private static long copiesAToken(LanguageModel model, MaskLearningSettings settings) {
        if (settings.products() == Products.F32) {
            return 0;
        }
        return model.prunable().stream()
                .mapToLong(name -> model.parameter(name).size(1) * Short.BYTES)
                .sum();
    }

    private static long outputBytes(LanguageModel model, long tokens) {
        return 2 * tokens * model.config().width() * Float.BYTES;
    }

    /** Returns the largest resident memory that the process will have had at the end of the learning. */
    public long predictedPeakBytes() {
        return Math.max(neededBytes(), earlierPeakBytes);
    }

    /** Returns the largest resident memory while it learns. */
    private long neededBytes() {
        return parts.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Refuses a learning that would not fit.
     *
     * @throws InputException with what would make it fit
     */
    public void require() {
        long more = neededBytes() - heldBytes;
        if (more > availableBytes) {
            throw new InputException("learning must fit in the memory that is free, " + mebi(availableBytes)
                    + "; got a predicted " + mebi(more) + " more (" + text() + "); " + advice());
        }
    }

    private String advice() {
        StringBuilder advice = new StringBuilder("what helps: ");
        if (state == StateType.F32) {
            advice.append("--state bf16 (")
                    .append(mebi(part("logits and moments") / 2))
                    .append(" less), ");
        }
        advice.append("a smaller --microbatch (")
                .append(mebi(part("activations")))
                .append(" now for ")
                .append(passTokens)
                .append(" tokens a pass), --max-dense-layers, or a machine with more memory");
        return advice.toString();
    }

    private long part(String name) {
        return parts.getOrDefault(name, 0L);
    }

    /** Returns the plan in one line. */
    public String text() {
        StringBuilder text =
                new StringBuilder("peak ").append(mebi(predictedPeakBytes())).append(": ");
        String gap = "";
        for (var part : parts.entrySet()) {
            text.append(gap).append(part.getKey()).append(' ').append(mebi(part.getValue()));
            gap = ", ";
        }
        return text.toString();
    }

    private static String mebi(long bytes) {
        return String.format(Locale.ROOT, "%.0f MiB", bytes / MEBI);
    }
}
