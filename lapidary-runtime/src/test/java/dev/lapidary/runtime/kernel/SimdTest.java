package dev.lapidary.runtime.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lapidary.runtime.OwnJvm;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asks JVMs of their own what they run kernels with, with every vector width and without the incubator module. */
final class SimdTest {
    private static final String ADD = "--add-modules=jdk.incubator.vector";

    @ParameterizedTest
    @ValueSource(strings = {"128", "256", "512", "off"})
    void everyWidthCanBeAskedFor(String width) throws IOException, InterruptedException {
        List<String> lines = OwnJvm.run(Description.class, ADD, "-Dlapidary.simd=" + width);
        assertThat(lines).singleElement().asString().contains(width.equals("off") ? "SIMD off" : width + "-bit");
    }

    @Test
    void saysThatTheIncubatorModuleIsMissing() throws IOException, InterruptedException {
        assertThat(OwnJvm.run(Description.class, "-Xshare:auto"))
                .containsExactly("SIMD off: start the JVM with --add-modules=jdk.incubator.vector");
    }

    @Test
    void thisJvmHasAWidthUnlessItIsOff() {
        assertThat(Simd.on()).isEqualTo(Simd.bits() >= 128);
        assertThat(Simd.describe()).startsWith("SIMD o");
    }

    /** What the forked JVM runs. */
    static final class Description {
        private Description() {}

        public static void main(String[] args) {
            System.out.println(Simd.describe());
        }
    }
}
