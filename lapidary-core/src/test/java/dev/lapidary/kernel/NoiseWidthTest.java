package dev.lapidary.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.OwnJvm;
import dev.lapidary.runtime.kernel.Simd;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Draws noise in JVMs of their own, with every vector width and without the incubator module. */
final class NoiseWidthTest {
    private static final String ADD = "--add-modules=jdk.incubator.vector";

    @ParameterizedTest
    @ValueSource(strings = {"128", "256", "512", "off"})
    void everyWidthGivesTheSameBits(String width) throws IOException, InterruptedException {
        List<String> lines = OwnJvm.run(Digest.class, ADD, "-Dlapidary.simd=" + width);
        assertThat(lines).first().asString().contains(width.equals("off") ? "SIMD off" : width + "-bit");
        assertThat(lines).last().isEqualTo(Integer.toHexString(digest()));
    }

    @Test
    void noiseComesWithoutTheIncubatorModuleAndSayWhatIsMissing() throws IOException, InterruptedException {
        assertThat(OwnJvm.run(Digest.class, "-Xshare:auto"))
                .containsExactly(
                        "SIMD off: start the JVM with --add-modules=jdk.incubator.vector",
                        Integer.toHexString(digest()));
    }

    private static int digest() {
        CounterNoise noise = new CounterNoise(-5, 99);
        float[] uniform = new float[1500];
        float[] gumbel = new float[1500];
        noise.uniform(1L << 40, 3, MemorySegment.ofArray(uniform), 1490);
        noise.gumbel(12, 77, MemorySegment.ofArray(gumbel), 1490);
        return 31 * Arrays.hashCode(uniform) + Arrays.hashCode(gumbel);
    }

    /** What the forked JVM runs. */
    static final class Digest {
        private Digest() {}

        public static void main(String[] args) {
            System.out.println(Simd.describe());
            System.out.println(Integer.toHexString(digest()));
        }
    }
}
