package dev.lapidary.contrast;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * How a pair of encoders is trained.
 *
 * @param network sizes of the image network
 * @param training how long and on what; the images of a piece are compared with all captions of their step
 * @param metrics file of JSON lines to write
 */
public record ContrastiveSettings(NetworkShape network, ImageTraining training, Optional<Path> metrics) {
    /** Returns the defaults for images of a side in pixels: a network of half a million weights, twenty epochs. */
    public static ContrastiveSettings standard(int side) {
        return new ContrastiveSettings(
                new NetworkShape(side, 32, 1, 128), ImageTraining.standard(20, 4e-3, 0.1), Optional.empty());
    }

    /** Returns these settings with another network. */
    public ContrastiveSettings network(NetworkShape newNetwork) {
        return new ContrastiveSettings(newNetwork, training, metrics);
    }

    /** Returns these settings with a change of the training. */
    public ContrastiveSettings training(UnaryOperator<ImageTraining> change) {
        return new ContrastiveSettings(network, change.apply(training), metrics);
    }

    /** Returns these settings with a file of metrics: four lines an epoch. */
    public ContrastiveSettings metrics(Path file) {
        return new ContrastiveSettings(network, training, Optional.of(file));
    }
}
