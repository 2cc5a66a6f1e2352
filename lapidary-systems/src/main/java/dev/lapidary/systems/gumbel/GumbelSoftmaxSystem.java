package dev.lapidary.systems.gumbel;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.PublishedSystem;
import dev.lapidary.trial.Trial;
import java.util.ArrayList;
import java.util.List;

/**
 * The Gumbel-Softmax estimator against a score function with a baseline and a straight-through estimator, on two models of digits with
 * categorical latent variables; beside them REBAR, and exact enumeration on a model that is small enough; and the time of a step of
 * semi-supervised classification.
 */
public final class GumbelSoftmaxSystem implements PublishedSystem {
    @Override
    public int row() {
        return 62;
    }

    @Override
    public List<Identity> identities() {
        return GumbelIdentities.all();
    }

    @Override
    public List<Trial<?>> trials(Size size, Progress preparing) {
        List<Trial<?>> trials = new ArrayList<>();
        for (LatentTask task : LatentTask.values()) {
            trials.add(size == Size.FULL ? LatentTrial.full(task) : LatentTrial.quick(task));
        }
        trials.add(size == Size.FULL ? SemiSupervisedTrial.full() : SemiSupervisedTrial.quick());
        return trials;
    }
}
