package dev.lapidary.contrast;

import dev.lapidary.contrast.AdapterSettings.Where;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Low-rank adapters: to a weight W, a matrix [out, in], the product alpha / rank · B A is added, with B [out, r] and A [r, in]. B is 0 at
 * first, so the network begins as it was. A convolution's kernel is a matrix whose in counts channels and the kernel's pixels.
 *
 * @param where what has adapters
 * @param rank r, less where out or in is less
 * @param scale alpha / rank
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., LoRA, ICLR 2022</a>
 */
record LowRankAdapters(Where where, int rank, double scale) {
    private static final String A = ".adapterA";
    private static final String B = ".adapterB";

    /** The first adapters by name: A uniform within 1 / √in, as in PEFT. */
    Map<String, Tensor> fresh(NetworkShape shape, FreshParameters parameters) {
        if (where == Where.ALL) {
            for (ImageNetwork.Convolution layer :
                    ImageNetwork.convolutions(shape).values()) {
                fresh(layer.name(), layer.out(), layer.in() * layer.kernel() * layer.kernel(), parameters);
            }
        }
        fresh(ImageNetwork.PROJECTION, shape.embedding(), shape.features(), parameters);
        return parameters.all();
    }

    private void fresh(String name, int out, int in, FreshParameters parameters) {
        int r = Math.min(rank, Math.min(out, in));
        parameters.uniform(name + A, 1 / Math.sqrt(in), r, in);
        parameters.zeros(name + B, out, r);
    }

    /** Returns a weight [out, in], or a kernel [out, channels, height, width], with its adapter, where it has one. */
    Tensor adapted(String name, Tensor weight, Map<String, Tensor> adapters) {
        Tensor a = adapters.get(name + A);
        Tensor b = adapters.get(name + B);
        return a == null || b == null
                ? weight
                : weight.add(b.matmul(a).mul(new Scalar(scale)).view_as(weight));
    }

    /** How many numbers the adapters among some parameters have. */
    static long size(Map<String, Tensor> parameters) {
        return parameters.entrySet().stream()
                .filter(each -> each.getKey().endsWith(A) || each.getKey().endsWith(B))
                .mapToLong(each -> each.getValue().numel())
                .sum();
    }
}
