package dev.lapidary.torch;

import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The type in which linear layers multiply; products are added up in float32 either way. */
public enum Products {
    /** Exact to float32: what perplexities are measured in. Tensors of float64 are multiplied in float64. */
    F32,
    /** Inputs and weights rounded to bfloat16: on processors with such instructions about twice as fast, for training. */
    BF16;

    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

    /** Returns the faster one for training on this machine: BF16 where the processor multiplies it, as far as that can be known. */
    public static Products fastest() {
        return HasInstructions.BF16 ? BF16 : F32;
    }

    /** Reads {@code f32}, {@code bf16} or {@code auto}, which is {@link #fastest()}. */
    public static Products parse(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "f32" -> F32;
            case "bf16" -> BF16;
            case "auto" -> fastest();
            default -> throw new InputException("products must be auto, f32 or bf16; got " + text);
        };
    }

    /**
     * Returns x·Wᵀ, plus the bias where there is one, differentiable in all three; the open scope or the caller frees it.
     *
     * @param x [.., in]
     * @param weight W [out, in], of the type of x
     * @param bias [out]
     * @return [.., out], of the type of x
     */
    public Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (this == BF16) {
            Tensor y = torch.linear(x.to(ScalarType.BFloat16), weight.to(ScalarType.BFloat16))
                    .to(x.scalar_type());
            return bias == null ? y : y.add(bias);
        }
        return bias == null ? torch.linear(x, weight) : torch.linear(x, weight, new TensorOptional(bias));
    }

    /** Looked up once. */
    private static final class HasInstructions {
        static final boolean BF16 = look();

        private static boolean look() {
            try {
                String text = Files.isReadable(PROCESSOR) ? Files.readString(PROCESSOR) : "";
                return text.contains("avx512_bf16") || text.contains("amx_bf16");
            } catch (IOException unreadable) {
                return false;
            }
        }
    }
}
