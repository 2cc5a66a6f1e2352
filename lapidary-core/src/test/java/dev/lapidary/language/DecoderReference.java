package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.RotaryScaling;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The same logits in plain Java and float64, written from the papers' formulas, position by position.
 *
 * <p>With every operation rounded to float32, up or down by chance, it shows by how much such a model's logits err at all: such
 * errors are twice as large as those of rounding to nearest, and sums are added up in the plainest order, which errs most.
 */
final class DecoderReference {
    private final ModelConfig config;
    private final @Nullable SplittableRandom rounding;
    private final Map<String, double[]> weights = new HashMap<>();

    DecoderReference(LanguageModel model) {
        this(model, null);
    }

    private DecoderReference(LanguageModel model, @Nullable SplittableRandom rounding) {
        config = model.config();
        this.rounding = rounding;
        model.parameters().forEach((name, tensor) -> weights.put(name, Tensors.toDoubles(tensor)));
    }

    /** The formula with every operation rounded to one of the two float32 numbers beside its result. */
    static DecoderReference rounded(LanguageModel model, long seed) {
        return new DecoderReference(model, new SplittableRandom(seed));
    }

    private double r(double exact) {
        if (rounding == null) {
            return exact;
        }
        float near = (float) exact;
        if (near == exact || rounding.nextBoolean()) {
            return near;
        }
        return near < exact ? Math.nextUp(near) : Math.nextDown(near);
    }

    /** Logits [length][vocabulary]. */
    double[][] logits(long[] tokens) {
        boolean llama = config.family() != ModelFamily.GPT2;
        double[][] x = llama ? llama(tokens) : gpt2(tokens);
        double[] output = weight(
                !config.tiedEmbeddings()
                        ? "lm_head.weight"
                        : llama ? "model.embed_tokens.weight" : "transformer.wte.weight");
        double[][] logits = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            logits[t] = multiply(output, x[t]);
        }
        return logits;
    }

    private double[][] llama(long[] tokens) {
        int n = tokens.length;
        double[][] x = new double[n][];
        for (int t = 0; t < n; t++) {
            x[t] = row("model.embed_tokens.weight", (int) tokens[t]);
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String p = "model.layers." + layer + ".";
            double[][] q = new double[n][];
            double[][] k = new double[n][];
            double[][] v = new double[n][];
            for (int t = 0; t < n; t++) {
                double[] h = rms(x[t], weight(p + "input_layernorm.weight"));
                q[t] = turned(normed(linear(p + "self_attn.q_proj", h), p + "self_attn.q_norm.weight"), t);
                k[t] = turned(normed(linear(p + "self_attn.k_proj", h), p + "self_attn.k_norm.weight"), t);
                v[t] = linear(p + "self_attn.v_proj", h);
            }
            double[][] mixed = attend(q, k, v);
            for (int t = 0; t < n; t++) {
                x[t] = sum(x[t], linear(p + "self_attn.o_proj", mixed[t]));
                double[] h = rms(x[t], weight(p + "post_attention_layernorm.weight"));
                double[] gate = linear(p + "mlp.gate_proj", h);
                double[] up = linear(p + "mlp.up_proj", h);
                double[] product = new double[gate.length];
                for (int i = 0; i < gate.length; i++) {
                    product[i] = r(r(gate[i] / r(1 + r(Math.exp(-gate[i])))) * up[i]);
                }
                x[t] = sum(x[t], linear(p + "mlp.down_proj", product));
            }
        }
        for (int t = 0; t < n; t++) {
            x[t] = rms(x[t], weight("model.norm.weight"));
        }
        return x;
    }

    private double[][] gpt2(long[] tokens) {
        int n = tokens.length;
        int width = config.width();
        double[][] x = new double[n][];
        for (int t = 0; t < n; t++) {
            x[t] = sum(row("transformer.wte.weight", (int) tokens[t]), row("transformer.wpe.weight", t));
        }
        for (int layer = 0; layer < config.layers(); layer++) {
            String p = "transformer.h." + layer + ".";
            double[][] q = new double[n][];
            double[][] k = new double[n][];
            double[][] v = new double[n][];
            for (int t = 0; t < n; t++) {
                double[] all = linear(p + "attn.c_attn", layerNorm(x[t], p + "ln_1"));
                q[t] = Arrays.copyOfRange(all, 0, width);
                k[t] = Arrays.copyOfRange(all, width, 2 * width);
                v[t] = Arrays.copyOfRange(all, 2 * width, 3 * width);
            }
            double[][] mixed = attend(q, k, v);
            for (int t = 0; t < n; t++) {
                x[t] = sum(x[t], linear(p + "attn.c_proj", mixed[t]));
                double[] h = linear(p + "mlp.c_fc", layerNorm(x[t], p + "ln_2"));
                for (int i = 0; i < h.length; i++) {
                    double inner = r(Math.sqrt(2 / Math.PI) * r(h[i] + r(0.044715 * h[i] * h[i] * h[i])));
                    h[i] = r(0.5 * h[i] * r(1 + r(Math.tanh(inner))));
                }
                x[t] = sum(x[t], linear(p + "mlp.c_proj", h));
            }
        }
        for (int t = 0; t < n; t++) {
            x[t] = layerNorm(x[t], "transformer.ln_f");
        }
        return x;
    }

    private double[][] attend(double[][] q, double[][] k, double[][] v) {
        int d = config.headWidth();
        double[][] mixed = new double[q.length][config.heads() * d];
        for (int t = 0; t < q.length; t++) {
            for (int head = 0; head < config.heads(); head++) {
                int shared = head * config.keyValueHeads() / config.heads();
                double[] score = new double[t + 1];
                double total = 0;
                for (int s = 0; s <= t; s++) {
                    double dot = 0;
                    for (int i = 0; i < d; i++) {
                        dot = r(dot + r(q[t][head * d + i] * k[s][shared * d + i]));
                    }
                    score[s] = r(Math.exp(r(dot / Math.sqrt(d))));
                    total = r(total + score[s]);
                }
                for (int s = 0; s <= t; s++) {
                    for (int i = 0; i < d; i++) {
                        int at = head * d + i;
                        mixed[t][at] = r(mixed[t][at] + r(r(score[s] / total) * v[s][shared * d + i]));
                    }
                }
            }
        }
        return mixed;
    }

    /** Turns pair (i, i + d/2) of every head by position times frequency. */
    private double[] turned(double[] x, int position) {
        int d = config.headWidth();
        double[] out = new double[x.length];
        for (int head = 0; head < x.length / d; head++) {
            for (int i = 0; i < d / 2; i++) {
                double angle = position * frequency(i);
                double a = x[head * d + i];
                double b = x[head * d + i + d / 2];
                double cos = r(Math.cos(angle));
                double sin = r(Math.sin(angle));
                out[head * d + i] = r(r(a * cos) - r(b * sin));
                out[head * d + i + d / 2] = r(r(b * cos) + r(a * sin));
            }
        }
        return out;
    }

    private double frequency(int i) {
        double f = 1 / Math.pow(config.rotaryBase(), 2.0 * i / config.headWidth());
        return switch (config.rotaryScaling()) {
            case RotaryScaling.None _ -> f;
            case RotaryScaling.Divided divided -> f / divided.divisors().get(i);
            case RotaryScaling.Linear linear -> f / linear.factor();
            case RotaryScaling.Llama3 s -> {
                // the published form: smooth = (original / wavelength − low) / (high − low), clamped to [0, 1]
                double smooth = (s.originalContext() * f / (2 * Math.PI) - s.lowFrequency())
                        / (s.highFrequency() - s.lowFrequency());
                smooth = Math.clamp(smooth, 0.0, 1.0);
                yield smooth * f + (1 - smooth) * f / s.factor();
            }
        };
    }

    private double[] normed(double[] x, String norm) {
        double[] scale = weights.get(norm);
        if (scale == null) {
            return x;
        }
        int d = config.headWidth();
        double[] out = new double[x.length];
        for (int head = 0; head < x.length / d; head++) {
            System.arraycopy(rms(Arrays.copyOfRange(x, head * d, head * d + d), scale), 0, out, head * d, d);
        }
        return out;
    }

    private double[] rms(double[] x, double[] scale) {
        double squares = 0;
        for (double value : x) {
            squares = r(squares + r(value * value));
        }
        double length = r(Math.sqrt(r(r(squares / x.length) + config.normEpsilon())));
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = r(r(x[i] / length) * scale[i]);
        }
        return out;
    }

    private double[] layerNorm(double[] x, String name) {
        double sum = 0;
        for (double value : x) {
            sum = r(sum + value);
        }
        double mean = r(sum / x.length);
        double squares = 0;
        for (double value : x) {
            squares = r(squares + r(r(value - mean) * r(value - mean)));
        }
        double deviation = r(Math.sqrt(r(r(squares / x.length) + config.normEpsilon())));
        double[] scale = weight(name + ".weight");
        double[] shift = weight(name + ".bias");
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = r(r(r(r(x[i] - mean) / deviation) * scale[i]) + shift[i]);
        }
        return out;
    }

    private double[] linear(String name, double[] x) {
        double[] out = multiply(weight(name + ".weight"), x);
        double[] bias = weights.get(name + ".bias");
        return bias == null ? out : sum(out, bias);
    }

    private double[] weight(String name) {
        return Objects.requireNonNull(weights.get(name), name);
    }

    private double[] row(String name, int index) {
        return Arrays.copyOfRange(weight(name), index * config.width(), (index + 1) * config.width());
    }

    private double[] multiply(double[] matrix, double[] x) {
        double[] out = new double[matrix.length / x.length];
        for (int i = 0; i < out.length; i++) {
            for (int j = 0; j < x.length; j++) {
                out[i] = r(out[i] + r(matrix[i * x.length + j] * x[j]));
            }
        }
        return out;
    }

    private double[] sum(double[] a, double[] b) {
        double[] out = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            out[i] = r(a[i] + b[i]);
        }
        return out;
    }
}
