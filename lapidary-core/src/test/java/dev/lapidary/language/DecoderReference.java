package dev.lapidary.language;

import dev.lapidary.runtime.model.ModelConfig;
import dev.lapidary.runtime.model.ModelFamily;
import dev.lapidary.runtime.model.RotaryScaling;
import dev.lapidary.torch.Tensors;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** The same logits in plain Java and float64, written from the papers' formulas, position by position. */
final class DecoderReference {
    private final ModelConfig config;
    private final Map<String, double[]> weights = new HashMap<>();

    DecoderReference(LanguageModel model) {
        config = model.config();
        model.parameters().forEach((name, tensor) -> weights.put(name, Tensors.toDoubles(tensor)));
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
                    product[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
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
                    double inner = Math.sqrt(2 / Math.PI) * (h[i] + 0.044715 * h[i] * h[i] * h[i]);
                    h[i] = 0.5 * h[i] * (1 + Math.tanh(inner));
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
                        dot += q[t][head * d + i] * k[s][shared * d + i];
                    }
                    score[s] = Math.exp(dot / Math.sqrt(d));
                    total += score[s];
                }
                for (int s = 0; s <= t; s++) {
                    for (int i = 0; i < d; i++) {
                        mixed[t][head * d + i] += score[s] / total * v[s][shared * d + i];
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
                out[head * d + i] = a * Math.cos(angle) - b * Math.sin(angle);
                out[head * d + i + d / 2] = b * Math.cos(angle) + a * Math.sin(angle);
            }
        }
        return out;
    }

    private double frequency(int i) {
        double f = 1 / Math.pow(config.rotaryBase(), 2.0 * i / config.headWidth());
        return switch (config.rotaryScaling()) {
            case RotaryScaling.None _ -> f;
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
        double mean = Arrays.stream(x).map(value -> value * value).sum() / x.length;
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i] / Math.sqrt(mean + config.normEpsilon()) * scale[i];
        }
        return out;
    }

    private double[] layerNorm(double[] x, String name) {
        double mean = Arrays.stream(x).sum() / x.length;
        double variance = Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / x.length;
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = (x[i] - mean) / Math.sqrt(variance + config.normEpsilon()) * weight(name + ".weight")[i]
                    + weight(name + ".bias")[i];
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

    private static double[] multiply(double[] matrix, double[] x) {
        double[] out = new double[matrix.length / x.length];
        for (int i = 0; i < out.length; i++) {
            for (int j = 0; j < x.length; j++) {
                out[i] += matrix[i * x.length + j] * x[j];
            }
        }
        return out;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] out = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            out[i] = a[i] + b[i];
        }
        return out;
    }
}
