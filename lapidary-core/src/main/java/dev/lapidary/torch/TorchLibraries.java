package dev.lapidary.torch;

import org.bytedeco.pytorch.global.torch;

/**
 * What PyTorch and the libraries inside it say of themselves in this process.
 *
 * @param version PyTorch's
 * @param capability the instruction set of PyTorch's own kernels, such as AVX512
 * @param oneDnn oneDNN's version; which instructions it chose it does not tell
 * @param openMp the OpenMP version that PyTorch was built with
 * @param openBlas OpenBLAS's version and build options
 * @param openBlasKernel which of its kernels OpenBLAS runs, such as SkylakeX
 * @param operationThreads threads of PyTorch's own operations
 * @param productThreads threads of matrix products
 */
public record TorchLibraries(
        String version,
        String capability,
        String oneDnn,
        String openMp,
        String openBlas,
        String openBlasKernel,
        int operationThreads,
        int productThreads) {
    /**
     * Loads PyTorch and asks.
     *
     * @throws IllegalStateException with one line that says why PyTorch cannot be loaded here
     */
    public static TorchLibraries here() {
        Torch.load();
        return new TorchLibraries(
                Torch.version(),
                torch.get_cpu_capability().getString(),
                withoutHash(torch.get_mkldnn_version().getString()),
                torch.get_openmp_version().getString(),
                Torch.openBlasConfiguration(),
                Torch.openBlasKernel(),
                Torch.operationThreads(),
                Torch.threads());
    }

    private static String withoutHash(String version) {
        return version.replaceFirst(" \\(Git Hash [0-9a-f]+\\)", "").strip();
    }
}
