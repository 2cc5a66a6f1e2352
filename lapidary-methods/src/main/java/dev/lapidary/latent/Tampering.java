package dev.lapidary.latent;

import dev.lapidary.estimator.Program;
import org.bytedeco.pytorch.global.torch;

/** Changes that take away what an estimator is for; a check that still passes with one of them shows nothing. */
public final class Tampering {
    private Tampering() {}

    /** Returns the program whose logits get no gradient through their choices. */
    public static Program cut(Program program) {
        return choices -> program.loss(logits -> choices.choose(logits.detach()));
    }

    /** Returns the program whose choices are evenly drawn, whatever the logits. */
    public static Program uniform(Program program) {
        return choices -> program.loss(logits -> choices.choose(torch.zeros_like(logits.detach())));
    }
}
