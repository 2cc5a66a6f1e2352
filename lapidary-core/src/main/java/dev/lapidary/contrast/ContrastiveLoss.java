package dev.lapidary.contrast;

import dev.lapidary.torch.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * The symmetric contrastive loss of CLIP, for images that may have several captions of a batch in common.
 *
 * <p>Scores are cosines times a learned scale. Each image should give its own captions of the batch equal shares of a softmax over
 * all captions, and each caption its own images equal shares of one over all images; the loss is the mean of both cross-entropies.
 * Where every caption belongs to one image this is CLIP's loss; where captions stand for classes it is that of UniCL.
 *
 * @see <a href="https://arxiv.org/abs/2103.00020">Radford et al., Learning Transferable Visual Models From Natural Language
 *     Supervision, ICML 2021</a>
 * @see <a href="https://arxiv.org/abs/2204.03610">Yang et al., Unified Contrastive Learning in Image-Text-Label Space, CVPR 2022</a>
 */
final class ContrastiveLoss {
    private final float[] imageTargets; // [images, captions], rows sum to 1
    private final float[] captionTargets; // [images, captions], columns sum to 1 or, without an image, to 0
    private final int images;
    private final int captions;
    private final int counted; // captions that have an image

    /**
     * Prepares the loss.
     *
     * @param own [images, captions], whether a caption is one of an image's; each image has at least one
     */
    ContrastiveLoss(boolean[][] own) {
        images = own.length;
        captions = own[0].length;
        imageTargets = new float[images * captions];
        captionTargets = new float[images * captions];
        int[] ofCaption = new int[captions];
        for (int i = 0; i < images; i++) {
            int ofImage = 0;
            for (int j = 0; j < captions; j++) {
                ofImage += own[i][j] ? 1 : 0;
                ofCaption[j] += own[i][j] ? 1 : 0;
            }
            for (int j = 0; j < captions; j++) {
                imageTargets[i * captions + j] = own[i][j] ? 1f / ofImage : 0;
            }
        }
        int some = 0;
        for (int j = 0; j < captions; j++) {
            some += ofCaption[j] > 0 ? 1 : 0;
            for (int i = 0; i < images; i++) {
                captionTargets[i * captions + j] = own[i][j] ? 1f / ofCaption[j] : 0;
            }
        }
        counted = some;
    }

    /**
     * Returns the loss [], of which gradients can be taken.
     *
     * @param logits [images, captions] float32
     */
    Tensor of(Tensor logits) {
        Tensor byImage = Tensors.of(imageTargets, images, captions)
                .mul(logits.log_softmax(1))
                .sum();
        Tensor byCaption = Tensors.of(captionTargets, images, captions)
                .mul(logits.log_softmax(0))
                .sum();
        return byImage.mul(new Scalar(-0.5 / images)).add(byCaption.mul(new Scalar(-0.5 / counted)));
    }
}
