package dev.lapidary.sparsity.kernel;

import static dev.lapidary.runtime.kernel.RawMemory.get;
import static dev.lapidary.runtime.kernel.RawMemory.getInt;
import static dev.lapidary.runtime.kernel.RawMemory.set;
import static dev.lapidary.runtime.kernel.RawMemory.setInt;
import static dev.lapidary.sparsity.kernel.MaskScratch.ROW;

import dev.lapidary.kernel.CounterNoise;
import dev.lapidary.kernel.NaturalLog;
import dev.lapidary.runtime.kernel.SparsityPattern;
import java.util.Arrays;

/** The passes value by value: where SIMD is off, and the twin that tests the vector form. */
final class ScalarMaskPasses implements MaskPasses {
    private static final int BLOCK = MaskState.BLOCK;

    @Override
    public void sample(MaskScratch s, int blocks) {
        boolean spacings = s.pattern.equals(SparsityPattern.TWO_OF_FOUR);
        int[] words = new int[s.patterns];
        for (int group = 0; group < blocks * BLOCK; group++) {
            int drawn = spacings ? s.patterns - 1 : s.patterns;
            for (int i = 0; i < drawn; i++) {
                words[i] = MaskNoise.word(s.counter + group + (i << MaskNoise.REGION_BITS), s.secondKey);
            }
            if (spacings) {
                space(words);
            }
            long at = row(s, group);
            for (int i = 0; i < s.patterns; i++) {
                float e = spacings ? (float) words[i] : -NaturalLog.of(CounterNoise.uniform(words[i])) * 0x1p28f;
                set(s.scores + at + (long) i * ROW, MaskNoise.log(e));
            }
        }
        score(s, blocks);
    }

    /** Replaces all words but the last by the spacings of them in [0, 2^31). */
    private static void space(int[] words) {
        int last = words.length - 1;
        for (int i = 0; i < last; i++) {
            words[i] >>>= 1;
        }
        Arrays.sort(words, 0, last);
        words[last] = Integer.MAX_VALUE;
        for (int i = last; i > 0; i--) {
            words[i] -= words[i - 1];
        }
    }

    /** Returns the offset of a group's first value in rows of patterns. */
    private static long row(MaskScratch s, int group) {
        return (long) (group / BLOCK) * s.patterns * ROW + 4L * MaskScratch.position(group % BLOCK);
    }

    private static long columnRow(MaskScratch s, int group) {
        return (long) (group / BLOCK) * s.columns * ROW + 4L * MaskScratch.position(group % BLOCK);
    }

    private static long blockRow(int group) {
        return (long) (group / BLOCK) * ROW + 4L * MaskScratch.position(group % BLOCK);
    }

    @Override
    public void score(MaskScratch s, int blocks) {
        for (int i = 0; i < blocks * s.patterns * ROW; i += 4) {
            set(s.scores + i, Math.fma(get(s.scores + i), s.noiseFactor, get(s.logitRows + i) * s.logitFactor));
        }
    }

    @Override
    public void exponentiate(MaskScratch s, int blocks) {
        for (int group = 0; group < blocks * BLOCK; group++) {
            long at = s.scores + row(s, group);
            float largest = get(at);
            for (int i = 1; i < s.patterns; i++) {
                float score = get(at + (long) i * ROW);
                largest = score > largest ? score : largest;
            }
            float sum = 0;
            for (int i = 0; i < s.patterns; i++) {
                float power = power(largest - get(at + (long) i * ROW));
                set(at + (long) i * ROW, power);
                sum = i == 0 ? power : sum + power;
            }
            set(s.inverse + blockRow(group), 1f / sum);
        }
    }

    /** Returns 2^-x for x at least 0; beyond 126 as for 126. */
    static float power(float x) {
        float bounded = Float.intBitsToFloat(Math.min(Float.floatToRawIntBits(x), MaskNoise.MOST_HALVINGS));
        float shifted = bounded + MaskNoise.ROUNDER;
        float r = bounded - (shifted - MaskNoise.ROUNDER);
        float p = Math.fma(MaskNoise.E5, r, MaskNoise.E4);
        p = Math.fma(p, r, MaskNoise.E3);
        p = Math.fma(p, r, MaskNoise.E2);
        p = Math.fma(p, r, MaskNoise.E1);
        p = Math.fma(p, r, 1f);
        return Float.intBitsToFloat(Float.floatToRawIntBits(p) - (Float.floatToRawIntBits(shifted) << 23));
    }

    @Override
    public void harden(MaskScratch s, int blocks) {
        for (int group = 0; group < blocks * BLOCK; group++) {
            long at = row(s, group);
            int choice = 0;
            for (int i = 1; i < s.patterns; i++) {
                if (get(s.scores + at + (long) i * ROW) > get(s.scores + at + (long) choice * ROW)) {
                    choice = i;
                }
            }
            for (int i = 0; i < s.patterns; i++) {
                set(s.hard + at + (long) i * ROW, i == choice ? 1f : 0f);
            }
        }
    }

    @Override
    public void apply(MaskScratch s, int blocks) {
        masks(s, blocks, s.isHard);
        for (int group = 0; group < blocks * BLOCK; group++) {
            for (int k = 0; k < s.columns; k++) {
                long at = 4L * ((long) group * s.columns + k);
                set(s.maskedAt + at, get(s.weightsAt + at) * get(s.masks + columnRow(s, group) + (long) k * ROW));
            }
        }
    }

    private static void masks(MaskScratch s, int blocks, boolean hard) {
        long chances = hard ? s.hard : s.scores;
        long inverses = hard ? s.ones : s.inverse;
        float[] masks = new float[s.columns];
        for (int group = 0; group < blocks * BLOCK; group++) {
            Arrays.fill(masks, 0);
            for (int i = 0; i < s.patterns; i++) {
                float chance = get(chances + row(s, group) + (long) i * ROW);
                for (int k = 0; k < s.columns; k++) {
                    masks[k] = (s.positions[i] >> k & 1) == 1 ? masks[k] + chance : masks[k];
                }
            }
            float inverse = get(inverses + blockRow(group));
            for (int k = 0; k < s.columns; k++) {
                set(s.masks + columnRow(s, group) + (long) k * ROW, masks[k] * inverse);
            }
        }
    }

    @Override
    public void differentiate(MaskScratch s, int blocks) {
        if (s.reward != 0) {
            masks(s, blocks, s.isHard);
        }
        float[] sides = new float[s.columns];
        for (int group = 0; group < blocks * BLOCK; group++) {
            for (int k = 0; k < s.columns; k++) {
                long at = 4L * ((long) group * s.columns + k);
                float weight = get(s.weightsAt + at);
                sides[k] = weight * get(s.upstreamAt + at);
                if (s.reward != 0) {
                    float mask = get(s.masks + columnRow(s, group) + (long) k * ROW);
                    sides[k] = Math.fma(weight * weight * mask, -s.reward, sides[k]);
                }
            }
            differentiate(s, group, sides);
        }
    }

    /**
     * Differentiates one group. Sums are taken relative to that of the likeliest pattern, so that a group whose choice is all
     * but made has its small gradient to full precision and not the rounding of a difference of equals.
     */
    private static void differentiate(MaskScratch s, int group, float[] sides) {
        long at = row(s, group);
        float likeliest = 0;
        float[] sums = new float[s.patterns];
        for (int i = 0; i < s.patterns; i++) {
            for (int k = 0; k < s.columns; k++) {
                sums[i] = (s.positions[i] >> k & 1) == 1 ? sums[i] + sides[k] : sums[i];
            }
            likeliest = get(s.scores + at + (long) i * ROW) == 1f ? sums[i] : likeliest;
        }
        float mean = 0;
        for (int i = 0; i < s.patterns; i++) {
            sums[i] -= likeliest;
            mean = Math.fma(get(s.scores + at + (long) i * ROW), sums[i], mean);
        }
        for (int i = 0; i < s.patterns; i++) {
            set(s.gradients + at + (long) i * ROW, sums[i]);
        }
        set(s.means + blockRow(group), mean * get(s.inverse + blockRow(group)));
    }

    @Override
    public void scale(MaskScratch s, int blocks) {
        for (int group = 0; group < blocks * BLOCK; group++) {
            float scale = get(s.inverse + blockRow(group)) * s.factor;
            float mean = get(s.means + blockRow(group));
            for (int i = 0; i < s.patterns; i++) {
                long at = row(s, group) + (long) i * ROW;
                set(s.gradients + at, get(s.scores + at) * scale * (get(s.gradients + at) - mean));
            }
        }
    }

    @Override
    public double squares(MaskScratch s, int blocks) {
        scale(s, blocks);
        double total = 0;
        for (int position = 0; position < BLOCK; position++) {
            float even = 0;
            float odd = 0;
            for (int row = 0; row < blocks * s.patterns; row++) {
                float gradient = get(s.gradients + (long) row * ROW + 4L * position);
                if (row % 2 == 0) {
                    even = Math.fma(gradient, gradient, even);
                } else {
                    odd = Math.fma(gradient, gradient, odd);
                }
            }
            total += even + odd;
        }
        return total;
    }

    @Override
    public void update(MaskScratch s, int blocks, long logits, long first, long second, AdamConstants c) {
        for (int i = 0; i < blocks * s.patterns * ROW; i += 4) {
            float gradient = get(s.gradients + i);
            float mean = get(first + i);
            mean = Math.fma(gradient - mean, c.oneMinusBeta1(), mean);
            float square = get(second + i);
            square = Math.fma(gradient * gradient - square, c.oneMinusBeta2(), square);
            set(first + i, mean);
            set(second + i, square);
            float divisor = Math.fma((float) Math.sqrt(square), c.root(), c.epsilon());
            set(logits + i, Math.fma(mean / divisor, -c.rate(), get(logits + i) * c.keep()));
        }
    }

    @Override
    public void widen(MaskScratch s, int blocks, long from, long to) {
        int pairs = (s.patterns + 1) / 2;
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < s.patterns; i++) {
                long pair = from + (long) (block * pairs + i / 2) * ROW;
                for (int lane = 0; lane < ROW; lane += 4) {
                    int bits = getInt(pair + lane);
                    bits = i % 2 == 0 ? bits << 16 : bits & 0xFFFF0000;
                    setInt(to + (long) (block * s.patterns + i) * ROW + lane, bits);
                }
            }
        }
    }

    @Override
    public void narrow(MaskScratch s, int blocks, long from, long to) {
        narrow(s, blocks, from, to, false);
    }

    @Override
    public void narrowAtRandom(MaskScratch s, int blocks, long from, long to) {
        narrow(s, blocks, from, to, true);
    }

    private static void narrow(MaskScratch s, int blocks, long from, long to, boolean random) {
        int pairs = (s.patterns + 1) / 2;
        for (int group = 0; group < blocks * BLOCK; group++) {
            for (int pair = 0; pair < pairs; pair++) {
                long at = from + row(s, group) + 2L * pair * ROW;
                int low = getInt(at);
                int high = 2 * pair + 1 < s.patterns ? getInt(at + ROW) : 0;
                int word = MaskNoise.word(s.counter + group + (pair << MaskNoise.REGION_BITS), s.secondKey);
                int lowUp = random ? word & 0xFFFF : 0x7FFF + (low >>> 16 & 1);
                int highUp = random ? word >>> 16 : 0x7FFF + (high >>> 16 & 1);
                int packed = low + lowUp >>> 16 | high + highUp & 0xFFFF0000;
                long out = to + (long) (group / BLOCK * pairs + pair) * ROW + 4L * MaskScratch.position(group % BLOCK);
                setInt(out, packed);
            }
        }
    }
}
