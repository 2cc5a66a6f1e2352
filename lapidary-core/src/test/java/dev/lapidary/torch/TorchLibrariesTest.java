package dev.lapidary.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TorchLibrariesTest {
    @Test
    void librariesSayWhatTheyAre() {
        TorchLibraries libraries = TorchLibraries.here();

        assertThat(libraries.version()).isEqualTo(Torch.version()).matches("[0-9.]+");
        assertThat(libraries.capability()).isIn("DEFAULT", "AVX2", "AVX512");
        assertThat(libraries.oneDnn()).contains("MKL-DNN v").doesNotContain("Git Hash");
        assertThat(libraries.openMp()).startsWith("OpenMP 20");
        assertThat(libraries.openBlas()).startsWith("OpenBLAS 0.");
        // its configuration names the kernel too
        assertThat(libraries.openBlas()).contains(Torch.openBlasKernel());
        assertThat(libraries.openBlasKernel()).isEqualTo(Torch.openBlasKernel()).isNotEqualTo("unknown");
        assertThat(libraries.productThreads()).isEqualTo(Torch.threads());
        assertThat(libraries.operationThreads()).isEqualTo(Torch.operationThreads());
    }
}
