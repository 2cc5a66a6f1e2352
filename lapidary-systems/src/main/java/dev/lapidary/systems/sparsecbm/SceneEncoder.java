package dev.lapidary.systems.sparsecbm;

import dev.lapidary.contrast.CaptionSource;
import dev.lapidary.contrast.NetworkShape;
import dev.lapidary.image.ConceptLabels;
import dev.lapidary.image.ImageItem;
import dev.lapidary.image.ImageItems;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.CacheFolder;
import dev.lapidary.synthetic.scene.SceneFolder;
import dev.lapidary.synthetic.scene.SceneSettings;
import java.nio.file.Path;
import java.util.List;

/** The encoders of rendered scenes: learn from drawn pictures with their sentences and the names of the concepts that they show. */
final class SceneEncoder {
    private static final SceneSettings SCENES = SceneSettings.defaults().withCount(6_000).withSide(SharedEncoder.SIDE);
    private static final SharedEncoder.Recipe RECIPE = new SharedEncoder.Recipe(
            "scenes",
            SCENES.count() + " scenes of 1 to 3 objects, seed " + SCENES.seed(),
            10,
            false,
            new NetworkShape(SharedEncoder.SIDE, 32, 1, 128));

    private SceneEncoder() {}

    /** Returns where the encoder lies, trained where it was not. */
    static Path folder(Progress progress) {
        return SharedEncoder.folder(RECIPE, new Pictures(progress), progress);
    }

    /** Returns how it was trained. */
    static String recipe() {
        return RECIPE.identity();
    }

    private record Pictures(Progress progress) implements SharedEncoder.Source {
        private static Path drawn() {
            return CacheFolder.sub("systems/sparse-cbm").resolve("scenes-" + SCENES.count());
        }

        @Override
        public ImageItems open() {
            SceneFolder.write(drawn(), SCENES, progress, Cancellation.none());
            return ImageItems.openUnlabelled(drawn().resolve(SceneFolder.SCENES));
        }

        @Override
        public CaptionSource captions(ImageItems items) {
            List<String> names = items.items().stream().map(ImageItem::name).toList();
            return CaptionSource.ofConcepts(
                    ConceptLabels.read(drawn().resolve(SceneFolder.CONCEPTS), names), CaptionSource.table());
        }
    }
}
