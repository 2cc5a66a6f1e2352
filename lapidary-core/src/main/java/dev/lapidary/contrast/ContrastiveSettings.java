package dev.lapidary.contrast;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a pair of encoders is trained.
 *
 * @param network sizes of the image network
 * @param epochs how often every image is seen
 * @param batch images of a step
 * @param piece images that run together, each compared with all captions of its step: a batch is cut into pieces, side by side
 * @param learningRate at the top: a straight rise over a twentieth of the steps, then half a cosine down to 0
 * @param weightDecay of the matrices, decoupled
 * @param mirror whether images are also shown mirrored left to right
 * @param heldOut share of the images, drawn by the seed, that are never trained on
 * @param seed of first weights, order, views and the held-out images
 * @param products in which convolutions multiply while they are trained
 * @param checkpoints where the training saves itself, so that it can be resumed bit for bit
 * @param metrics file of JSON lines to write
 */
public record ContrastiveSettings(
        NetworkShape network,
        int epochs,
        int batch,
        int piece,
        double learningRate,
        double weightDecay,
        boolean mirror,
        double heldOut,
        long seed,
        Products products,
        Optional<Checkpointing> checkpoints,
        Optional<Path> metrics) {
    /** Checks the values. */
    public ContrastiveSettings {
        atLeast("epochs", epochs, 1);
        atLeast("piece", piece, 2);
        atLeast("batch", batch, piece);
        if (!(learningRate > 0 && learningRate < 1)) {
            throw new InputException("learning rate must be between 0 and 1; got " + learningRate);
        }
        if (!(weightDecay >= 0 && weightDecay * learningRate < 1)) {
            throw new InputException(
                    "weight decay must be at least 0, and below 1 times the learning rate; got " + weightDecay);
        }
        if (!(heldOut > 0 && heldOut < 1)) {
            throw new InputException("held-out share must be between 0 and 1; got " + heldOut);
        }
    }

    private static void atLeast(String what, int value, int least) {
        if (value < least) {
            throw new InputException(what + " must be at least " + least + "; got " + value);
        }
    }

    /** Returns the defaults for images of a side: a network of half a million weights. */
    public static ContrastiveSettings standard(int side) {
        return new ContrastiveSettings(
                new NetworkShape(side, 32, 1, 128),
                20,
                128,
                64,
                4e-3,
                0.1,
                false,
                0.1,
                0,
                Products.fastest(),
                Optional.empty(),
                Optional.empty());
    }

    /** Returns these settings with another network. */
    public ContrastiveSettings network(NetworkShape other) {
        return new ContrastiveSettings(
                other,
                epochs,
                batch,
                piece,
                learningRate,
                weightDecay,
                mirror,
                heldOut,
                seed,
                products,
                checkpoints,
                metrics);
    }

    /** Returns these settings with another length, batch and seed. */
    public ContrastiveSettings run(int otherEpochs, int otherBatch, long otherSeed) {
        return new ContrastiveSettings(
                network,
                otherEpochs,
                otherBatch,
                Math.clamp(otherBatch / 2, 2, piece),
                learningRate,
                weightDecay,
                mirror,
                heldOut,
                otherSeed,
                products,
                checkpoints,
                metrics);
    }

    /** Returns these settings with images also shown mirrored, or not. */
    public ContrastiveSettings mirroring(boolean whether) {
        return new ContrastiveSettings(
                network,
                epochs,
                batch,
                piece,
                learningRate,
                weightDecay,
                whether,
                heldOut,
                seed,
                products,
                checkpoints,
                metrics);
    }

    /** Returns these settings with another learning rate. */
    public ContrastiveSettings rated(double otherRate) {
        return new ContrastiveSettings(
                network,
                epochs,
                batch,
                piece,
                otherRate,
                weightDecay,
                mirror,
                heldOut,
                seed,
                products,
                checkpoints,
                metrics);
    }

    /** Returns these settings with another type of products. */
    public ContrastiveSettings multiplying(Products other) {
        return new ContrastiveSettings(
                network,
                epochs,
                batch,
                piece,
                learningRate,
                weightDecay,
                mirror,
                heldOut,
                seed,
                other,
                checkpoints,
                metrics);
    }

    /** Returns these settings with files. */
    public ContrastiveSettings saving(Checkpointing folder, Path file) {
        return new ContrastiveSettings(
                network,
                epochs,
                batch,
                piece,
                learningRate,
                weightDecay,
                mirror,
                heldOut,
                seed,
                products,
                Optional.of(folder),
                Optional.of(file));
    }
}
