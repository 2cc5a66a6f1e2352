package dev.lapidary.sparsity;

import dev.lapidary.runtime.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where the learning of a mask starts: nowhere, at a one-shot method that leaves weights as they are, or at a known mask of the same
 * model.
 *
 * @param name what reports call it
 * @param method the one-shot method, where it is one
 * @param masks the known mask, where it is one
 */
public record MaskPrior(String name, Optional<OneShotMethod> method, Optional<MaskSet> masks) {
    /** The name of the prior that is none. */
    public static final String NONE = "none";

    /**
     * Checks the method.
     *
     * @throws InputException where the method changes weights
     */
    public MaskPrior {
        if (method.isPresent() && masks.isPresent()) {
            throw new IllegalArgumentException("a prior must be a method or a mask; got both");
        }
        if (method.filter(OneShotMethod::changesWeights).isPresent()) {
            throw new InputException("a prior must keep the weights as they are; got " + name + ", which changes them");
        }
    }

    /** Starts at a small random choice. */
    public static MaskPrior none() {
        return new MaskPrior(NONE, Optional.empty(), Optional.empty());
    }

    /** Starts at what a one-shot method chooses. */
    public static MaskPrior of(OneShotMethod method) {
        return new MaskPrior(method.name(), Optional.of(method), Optional.empty());
    }

    /** Starts at a known mask. */
    public static MaskPrior of(String name, MaskSet masks) {
        return new MaskPrior(name, Optional.empty(), Optional.of(masks));
    }

    /**
     * Reads {@code none}, the name of a one-shot method, or a mask folder.
     *
     * @throws InputException where it is none of these, or a method that changes weights
     */
    public static MaskPrior open(String text) {
        if (text.equals(NONE)) {
            return none();
        }
        List<OneShotMethod> all = OneShotMethod.all();
        Optional<OneShotMethod> method =
                all.stream().filter(each -> each.name().equals(text)).findFirst();
        if (method.isPresent()) {
            return of(method.get());
        }
        if (!Files.isDirectory(Path.of(text))) {
            Stream<String> names =
                    all.stream().filter(each -> !each.changesWeights()).map(OneShotMethod::name);
            throw new InputException("the prior must be "
                    + String.join(", ", Stream.concat(Stream.of(NONE), names).toList()) + " or a mask folder; got "
                    + text);
        }
        return of(text, MaskFolder.read(Path.of(text)));
    }
}
