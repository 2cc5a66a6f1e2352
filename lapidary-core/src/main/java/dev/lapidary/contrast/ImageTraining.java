package dev.lapidary.contrast;

import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import dev.lapidary.train.EpochOrder;
import dev.lapidary.train.TrainingPlan;
import java.util.Arrays;
import java.util.Optional;

/**
 * How an image network is trained, whatever its loss.
 *
 * @param epochs how often every image is seen, at least 1
 * @param batch images of a step, at least as many as of a piece
 * @param piece images that run together, at least 2: a step's batch is cut into pieces, which run side by side
 * @param learningRate at the top: a straight rise over a twentieth of the steps, then half a cosine down to 0
 * @param weightDecay of the matrices, decoupled
 * @param mirror whether images are also shown mirrored left to right
 * @param heldOut share of the images, drawn by the seed, that are never trained on
 * @param seed of first weights, order, views, noise and the held-out images
 * @param products in which convolutions multiply while they are trained
 * @param checkpoints where the training saves itself, so that it can be resumed, bit for bit on the same machine
 */
public record ImageTraining(
        int epochs,
        int batch,
        int piece,
        double learningRate,
        double weightDecay,
        boolean mirror,
        double heldOut,
        long seed,
        Products products,
        Optional<Checkpointing> checkpoints) {
    /** Most images of a piece, unless said otherwise. */
    static final int PIECE = 64;

    private static final double WARM_UP = 0.05; // of the steps
    private static final long SPLIT = 0x5deece66dL; // so that held-out images are drawn apart from the order

    /** Checks the values. */
    public ImageTraining {
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

    /** Returns a training of so many epochs, with the defaults of all the others: steps of 128 images, a tenth held out. */
    static ImageTraining standard(int epochs, double learningRate, double weightDecay) {
        return new ImageTraining(
                epochs,
                2 * PIECE,
                PIECE,
                learningRate,
                weightDecay,
                false,
                0.1,
                0,
                Products.fastest(),
                Optional.empty());
    }

    /** Returns this training with another length, batch, learning rate and seed; a batch of at least 4 is cut into two pieces or more. */
    public ImageTraining run(int newEpochs, int newBatch, double newRate, long newSeed) {
        int newPiece = Math.clamp(newBatch / 2, 2, PIECE);
        return new ImageTraining(
                newEpochs, newBatch, newPiece, newRate, weightDecay, mirror, heldOut, newSeed, products, checkpoints);
    }

    /** Returns this training with images also shown mirrored or not, and with products of another type. */
    public ImageTraining showing(boolean newMirror, Products newProducts) {
        return new ImageTraining(
                epochs, batch, piece, learningRate, weightDecay, newMirror, heldOut, seed, newProducts, checkpoints);
    }

    /** Returns this training with checkpoints. */
    public ImageTraining saving(Checkpointing folder) {
        return new ImageTraining(
                epochs, batch, piece, learningRate, weightDecay, mirror, heldOut, seed, products, Optional.of(folder));
    }

    /**
     * Which images are trained on and which are not, both in the order in which the seed drew them.
     *
     * @param training numbers of images
     * @param heldOut numbers of the others
     */
    @SuppressWarnings("ArrayRecordComponent") // read only
    record Parts(int[] training, int[] heldOut) {}

    /** Draws the held-out images of so many. */
    Parts parts(int images) {
        int[] all = new EpochOrder(seed ^ SPLIT, images, 1).items(0);
        int apart = (int) Math.round(heldOut * all.length);
        if (apart < 1 || all.length - apart < piece) {
            throw new InputException("there must be images to hold out and at least " + piece + " to train on; got "
                    + all.length + " in all");
        }
        int[] training = Arrays.copyOfRange(all, apart, all.length);
        return new Parts(training, Arrays.copyOf(all, apart));
    }

    /** Steps of all epochs over so many images. */
    long steps(int images) {
        return epochs * (long) Math.ceilDiv(images, batch);
    }

    /** Most pieces of a step. */
    int pieces() {
        return Math.ceilDiv(batch, piece);
    }

    /** The learning rate of every step. */
    Schedule rate() {
        return Schedule.cosine(1, 0).times(learningRate).warmedUp(WARM_UP);
    }

    /** How images are shown. */
    Augmentation augmentation() {
        return new Augmentation(mirror, seed);
    }

    /** A plan for so many images that validates once an epoch; the caller adds what decides the outcome beside this. */
    TrainingPlan plan(String name, int images) {
        long steps = steps(images);
        TrainingPlan plan = TrainingPlan.of(steps, seed)
                .named(name)
                .validatingEvery(steps / epochs)
                .setting("batch", batch + " in pieces of " + piece)
                .setting("learningRate", Double.toString(learningRate))
                .setting("mirror", Boolean.toString(mirror))
                .setting("heldOut", Double.toString(heldOut))
                .setting("products", products.toString());
        return checkpoints.map(plan::saving).orElse(plan);
    }
}
