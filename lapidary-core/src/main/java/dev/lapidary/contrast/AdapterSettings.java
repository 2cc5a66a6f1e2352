package dev.lapidary.contrast;

import dev.lapidary.runtime.InputException;
import dev.lapidary.torch.Products;
import dev.lapidary.train.Checkpointing;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How low-rank adapters of an image network are trained.
 *
 * @param where what gets adapters
 * @param rank r of the product of two matrices that is added to each weight; less where a weight has less
 * @param alpha the product is scaled by alpha / rank
 * @param loss on the bottleneck's scores, beside the cross-entropy of the head
 * @param lambda strength of {@link Loss#L1}
 * @param epochs how often every image is seen
 * @param batch images of a step
 * @param piece images that the losses over a batch couple: a step's batch is cut into pieces, which run side by side
 * @param learningRate at the top of the schedule, of adapters, layer and head alike
 * @param mirror whether images are also shown mirrored left to right
 * @param heldOut share of the images, drawn by the seed, that are never trained on
 * @param seed of first weights, order, views, noise and the held-out images
 * @param products in which convolutions multiply while adapters are trained
 * @param checkpoints where the training saves itself, so that it can be resumed bit for bit
 */
public record AdapterSettings(
        Where where,
        int rank,
        double alpha,
        Loss loss,
        double lambda,
        int epochs,
        int batch,
        int piece,
        double learningRate,
        boolean mirror,
        double heldOut,
        long seed,
        Products products,
        Optional<Checkpointing> checkpoints) {
    /** What gets adapters. */
    public enum Where {
        /** Every convolution and the projection. */
        ALL,
        /** The projection alone: the published "last". */
        PROJECTION;

        /** Reads all or projection. */
        public static Where parse(String text) {
            return AdapterSettings.parse("adapters", Where.values(), text);
        }
    }

    /** The loss on the bottleneck's scores. */
    public enum Loss {
        /** Of Sparse-CBM: {@link dev.lapidary.concept.bottleneck.BottleneckLosses#gumbel} at temperature 1. */
        SPARSE,
        /** {@link dev.lapidary.concept.bottleneck.BottleneckLosses#l1}. */
        L1,
        /** {@link dev.lapidary.concept.bottleneck.BottleneckLosses#contrastive}. */
        CONTRASTIVE;

        /** Reads sparse, l1 or contrastive. */
        public static Loss parse(String text) {
            return AdapterSettings.parse("loss", Loss.values(), text);
        }
    }

    private static <E extends Enum<E>> E parse(String what, E[] values, String text) {
        return Arrays.stream(values)
                .filter(value -> id(value).equals(text))
                .findFirst()
                .orElseThrow(() -> new InputException(what + " must be one of "
                        + Arrays.stream(values).map(AdapterSettings::id).collect(Collectors.joining(", ")) + "; got "
                        + text));
    }

    private static String id(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** Checks the values. */
    public AdapterSettings {
        if (rank < 1 || rank > 1024) {
            throw new InputException("rank must be from 1 to 1024; got " + rank);
        }
        if (!(alpha > 0 && alpha <= 1024)) {
            throw new InputException("alpha must be above 0 and at most 1024; got " + alpha);
        }
        if (!(lambda >= 0 && lambda <= 1000)) {
            throw new InputException("lambda must be from 0 to 1000; got " + lambda);
        }
        if (epochs < 1 || piece < 2 || batch < piece) {
            throw new InputException("there must be at least 1 epoch and 2 images in a batch; got " + epochs
                    + " epochs, " + batch + " images");
        }
        if (!(learningRate > 0 && learningRate < 1)) {
            throw new InputException("learning rate must be between 0 and 1; got " + learningRate);
        }
        if (!(heldOut > 0 && heldOut < 1)) {
            throw new InputException("held-out share must be between 0 and 1; got " + heldOut);
        }
    }

    /** Returns the published rank and alpha of 8 on all weights, the loss of Sparse-CBM, three epochs. */
    public static AdapterSettings standard() {
        return new AdapterSettings(
                Where.ALL,
                8,
                8,
                Loss.SPARSE,
                1e-3,
                3,
                128,
                64,
                1e-3,
                false,
                0.1,
                0,
                Products.fastest(),
                Optional.empty());
    }

    /** Returns these with other adapters. */
    public AdapterSettings adapting(Where newWhere, int newRank, double newAlpha) {
        return new AdapterSettings(
                newWhere,
                newRank,
                newAlpha,
                loss,
                lambda,
                epochs,
                batch,
                piece,
                learningRate,
                mirror,
                heldOut,
                seed,
                products,
                checkpoints);
    }

    /** Returns these with another loss. */
    public AdapterSettings losing(Loss newLoss, double newLambda) {
        return new AdapterSettings(
                where,
                rank,
                alpha,
                newLoss,
                newLambda,
                epochs,
                batch,
                piece,
                learningRate,
                mirror,
                heldOut,
                seed,
                products,
                checkpoints);
    }

    /** Returns these with another length, batch, learning rate and seed. */
    public AdapterSettings run(int newEpochs, int newBatch, double newRate, long newSeed) {
        return new AdapterSettings(
                where,
                rank,
                alpha,
                loss,
                lambda,
                newEpochs,
                newBatch,
                Math.clamp(newBatch / 2, 2, 64),
                newRate,
                mirror,
                heldOut,
                newSeed,
                products,
                checkpoints);
    }

    /** Returns these with images also shown mirrored or not, and other products. */
    public AdapterSettings showing(boolean newMirror, Products newProducts) {
        return new AdapterSettings(
                where,
                rank,
                alpha,
                loss,
                lambda,
                epochs,
                batch,
                piece,
                learningRate,
                newMirror,
                heldOut,
                seed,
                newProducts,
                checkpoints);
    }

    /** Returns these with checkpoints. */
    public AdapterSettings saving(Checkpointing folder) {
        return new AdapterSettings(
                where,
                rank,
                alpha,
                loss,
                lambda,
                epochs,
                batch,
                piece,
                learningRate,
                mirror,
                heldOut,
                seed,
                products,
                Optional.of(folder));
    }

    PieceTrainer.Schedule schedule() {
        return new PieceTrainer.Schedule(epochs, batch, piece, learningRate, 0, seed);
    }
}
