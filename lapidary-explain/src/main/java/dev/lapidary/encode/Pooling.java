package dev.lapidary.encode;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** How the embeddings of a text's tokens, [l, d], become one embedding, [d]. */
enum Pooling {
    /** The mean over all tokens. */
    MEAN {
        @Override
        void pool(FloatBuffer tokens, int offset, int length, float[] out) {
            Arrays.fill(out, 0);
            for (int t = 0; t < length; t++) {
                for (int j = 0; j < out.length; j++) {
                    out[j] += tokens.get(offset + t * out.length + j);
                }
            }
            for (int j = 0; j < out.length; j++) {
                out[j] /= length;
            }
        }
    },
    /** The first token. */
    CLS {
        @Override
        void pool(FloatBuffer tokens, int offset, int length, float[] out) {
            tokens.get(offset, out);
        }
    },
    /** The largest value of each dimension. */
    MAX {
        @Override
        void pool(FloatBuffer tokens, int offset, int length, float[] out) {
            tokens.get(offset, out);
            for (int t = 1; t < length; t++) {
                for (int j = 0; j < out.length; j++) {
                    out[j] = Math.max(out[j], tokens.get(offset + t * out.length + j));
                }
            }
        }
    };

    /**
     * Pools length tokens that begin at offset (in floats) into out, [d]. The order of additions is fixed, so that the result does
     * not depend on what else the buffer holds.
     */
    abstract void pool(FloatBuffer tokens, int offset, int length, float[] out);
}
