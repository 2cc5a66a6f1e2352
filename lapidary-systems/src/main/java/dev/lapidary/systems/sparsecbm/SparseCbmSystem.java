package dev.lapidary.systems.sparsecbm;

import dev.lapidary.runtime.Progress;
import dev.lapidary.systems.Identity;
import dev.lapidary.systems.PublishedSystem;
import dev.lapidary.systems.sparsecbm.ConceptData.Sizes;
import dev.lapidary.trial.Trial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sparse-CBM and Concept Matrix Search, row 1: bottleneck layers of every form against the dense one, and search without training against
 * zero-shot prediction, each on rendered scenes, news and small photographs.
 *
 * @see <a href="https://arxiv.org/abs/2404.03323">Semenov et al., Sparse Concept Bottleneck Models, 2024</a>
 */
public final class SparseCbmSystem implements PublishedSystem {
    private static final Sizes QUICK = new Sizes(96, 96, 200);
    private static final Sizes SCENES = new Sizes(200, 300, 2_000);
    private static final Sizes NEWS = new Sizes(200, 300, 2_000);
    private static final Sizes PHOTOS = new Sizes(300, 300, 2_000);

    @Override
    public int row() {
        return 1;
    }

    @Override
    public List<Identity> identities() {
        return SparseCbmIdentities.all();
    }

    @Override
    public List<Trial<?>> trials(Size size, Progress preparing) {
        List<Trial<?>> trials = new ArrayList<>();
        for (ConceptData data : size == Size.QUICK ? List.of(new PlantedData(QUICK)) : sets(preparing)) {
            trials.add(new BottleneckTrial(data));
            trials.add(new SearchTrial(data));
        }
        return trials;
    }

    private static List<ConceptData> sets(Progress preparing) {
        Path news = UserData.file("ag-news.csv", "AG's news with columns label, title, text");
        Path training = UserData.file("cifar10-train.zip", "CIFAR-10's training images, a folder a class");
        Path testing = UserData.file("cifar10-test.zip", "CIFAR-10's test images, a folder a class");
        Path photoEncoder = PhotoEncoder.folder(training, preparing);
        return List.of(
                new SceneData(SceneEncoder.folder(preparing), SCENES),
                NewsData.read(news, NEWS, preparing),
                PhotoData.read(photoEncoder, training, testing, PHOTOS, preparing));
    }
}
