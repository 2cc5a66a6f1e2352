package dev.lapidary.contrast;

import dev.lapidary.optim.Schedule;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Bounds;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.SameResult;
import dev.lapidary.runtime.settings.Setting;
import dev.lapidary.runtime.settings.Settings;
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
 * @param batch images of a step, at least 2
 * @param piece images that run together, from 2 to the batch, which is cut into pieces that run side by side; 0 for half the batch,
 *     at least 2 and at most {@value #PIECE}
 * @param learningRate at the top: a straight rise over a twentieth of the steps, then half a cosine down to 0
 * @param weightDecay of the matrices, decoupled
 * @param mirror whether images are also shown mirrored left to right
 * @param heldOut share of the images, drawn by the seed, that are never trained on
 * @param seed of first weights, order, views, noise and the held-out images
 * @param products in which convolutions multiply while they are trained
 * @param checkpoints where the training saves itself, so that it can be resumed, bit for bit on the same machine
 */
public record ImageTraining(
        @Setting(noted = true, entersAs = "steps", help = "How often images are seen.")
        int epochs,

        @Setting(noted = true, help = "Images of a step.")
        int batch,

        @Setting(entersAs = "settings.batch")
        int piece,

        @Setting(noted = true, help = "At the top of the schedule.")
        double learningRate,

        @Setting(noted = true)
        double weightDecay,

        @Setting(noted = true, help = "Images are also shown mirrored left to right.")
        boolean mirror,

        double heldOut,

        @Setting(noted = true, entersAs = "seed", help = "Seed of weights, order, views and noise.")
        long seed,

        @Setting(
                noted = true,
                label = "TYPE",
                shown = "auto",
                help = "Type in which convolutions multiply: f32, bf16 or auto.")
        Products products,

        @SameResult("a training that was resumed has the bytes of one that was not")
        Optional<Checkpointing> checkpoints)
        implements Settings {
    private static final int PIECE = 64; // images at most, unless said otherwise
    private static final double WARM_UP = 0.05; // of the steps
    private static final long SPLIT = 0x5deece66dL; // so that held-out images are drawn apart from the order

    /** Checks the values. */
    public ImageTraining {
        Bounds.atLeast("epochs", epochs, 1);
        Bounds.atLeast("batch", batch, 2);
        boolean fits = piece == 0 || (piece >= 2 && piece <= batch);
        Bounds.require(fits, "piece", "0 or from 2 to the batch of " + batch, piece);
        Bounds.share("learning rate", learningRate);
        if (!(weightDecay >= 0 && weightDecay * learningRate < 1)) {
            throw new InputException(
                    "weight decay must be at least 0, and below 1 times the learning rate; got " + weightDecay);
        }
        Bounds.share("held-out share", heldOut);
    }

    /** Returns twenty epochs of steps of 128 images, a tenth held out, as a small image network is trained from random weights. */
    public static ImageTraining defaults() {
        return new ImageTraining(20, 128, 0, 4e-3, 0.1, false, 0.1, 0, Products.fastest(), Optional.empty());
    }

    /** Returns this training with another length. */
    public ImageTraining withEpochs(int newEpochs) {
        return Components.with(this, "epochs", newEpochs);
    }

    /** Returns this training with another number of images of a step. */
    public ImageTraining withBatch(int newBatch) {
        return Components.with(this, "batch", newBatch);
    }

    /** Returns this training with another top of the learning rate. */
    public ImageTraining withLearningRate(double newRate) {
        return Components.with(this, "learningRate", newRate);
    }

    /** Returns this training with another decay of the matrices. */
    public ImageTraining withWeightDecay(double newDecay) {
        return Components.with(this, "weightDecay", newDecay);
    }

    /** Returns this training with images also shown mirrored or not. */
    public ImageTraining withMirror(boolean newMirror) {
        return Components.with(this, "mirror", newMirror);
    }

    /** Returns this training with another seed. */
    public ImageTraining withSeed(long newSeed) {
        return Components.with(this, "seed", newSeed);
    }

    /** Returns this training with products of another type. */
    public ImageTraining withProducts(Products newProducts) {
        return Components.with(this, "products", newProducts);
    }

    /** Returns this training with checkpoints. */
    public ImageTraining withCheckpoints(Checkpointing folder) {
        return Components.with(this, "checkpoints", Optional.of(folder));
    }

    /** Images that run together; at least one piece of a batch. */
    int pieceSize() {
        return piece == 0 ? Math.clamp(batch / 2, 2, PIECE) : piece;
    }

    /** How a batch is cut, as identities of checkpoints say it. */
    String pieceText() {
        return batch + " in pieces of " + pieceSize();
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
        if (apart < 1 || all.length - apart < pieceSize()) {
            throw new InputException("there must be images to hold out and at least " + pieceSize() + " to train on; got "
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
        return Math.ceilDiv(batch, pieceSize());
    }

    /** The learning rate of every step. */
    Schedule rate() {
        return Schedule.cosine(1, 0).times(learningRate).warmedUp(WARM_UP);
    }

    /** How images are shown. */
    Augmentation augmentation() {
        return new Augmentation(mirror, seed);
    }

    /** A plan for a number of images that validates once an epoch; the settings that hold these add all texts. */
    TrainingPlan plan(String name, int images) {
        long steps = steps(images);
        TrainingPlan plan = TrainingPlan.of(steps, seed).named(name).validatingEvery(steps / epochs);
        return checkpoints.map(plan::saving).orElse(plan);
    }
}
