package dev.lapidary.nn;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * x + branch(x): the branch keeps the shape.
 *
 * @see <a href="https://arxiv.org/abs/1512.03385">He et al., Deep residual learning for image recognition, CVPR 2016</a>
 */
public record Residual(Layer branch) implements Layer {
    @Override
    public List<Parameter> parameters() {
        return branch.parameters();
    }

    @Override
    public Tensor apply(Forward forward, Tensor x) {
        return x.add(branch.apply(forward, x));
    }
}
