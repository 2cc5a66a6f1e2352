package dev.lapidary.data;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Puts items to learn from and items to report on into one data set that every split divides just so. */
public final class TestPart {
    private static final String PREFIX = "test:"; // of the ids of test items

    private final Dataset training;
    private final Dataset test;
    private final int[] kept; // rows of training

    private TestPart(Dataset training, Dataset test) {
        this.training = training;
        this.test = test;
        Set<Long> reported = new HashSet<>();
        for (int i = 0; i < test.size(); i++) {
            reported.add(test.contentHash(i));
        }
        kept = IntStream.range(0, training.size())
                .filter(i -> !reported.contains(training.contentHash(i)))
                .toArray();
    }

    /**
     * Returns one data set of both. Splits take all of {@code test}, and nothing else, as their test part, and divide the rest into
     * train and validation. Training items that equal a test item are left out. Both stay the caller's and may be closed; ids of test
     * items begin with "test:".
     *
     * @param training labelled items
     * @param test labelled items of the same form, whose classes are among those of training
     * @throws InputException where they do not fit together
     */
    public static Dataset of(Dataset training, Dataset test) {
        if (!training.labelled() || !test.labelled()) {
            throw new InputException("training and test items must have labels; got none for "
                    + (training.labelled() ? "test" : "training") + " items");
        }
        if (training.hasTexts() != test.hasTexts()) {
            throw new InputException("training and test items must be of one form; got " + training + " and " + test);
        }
        return new TestPart(training, test.relabel(training.classes())).join();
    }

    private Dataset join() {
        List<String> ids = new ArrayList<>();
        int[] labels = new int[kept.length + test.size()];
        for (int i = 0; i < kept.length; i++) {
            ids.add(training.id(kept[i]));
            labels[i] = training.label(kept[i]);
        }
        for (int i = 0; i < test.size(); i++) {
            ids.add(PREFIX + test.id(i));
            labels[kept.length + i] = test.label(i);
        }
        List<String> warnings = new ArrayList<>(training.warnings());
        test.warnings().stream().map(warning -> "test items: " + warning).forEach(warnings::add);
        int equal = training.size() - kept.length;
        if (equal > 0) {
            warnings.add(equal + " training items equal a test item and are left out");
        }
        return Dataset.create(
                new Dataset.Contents(RowIds.named(ids), texts(), embeddings()),
                new Dataset.Labels(labels, training.classes()),
                training.columns(),
                warnings,
                kept.length);
    }

    private @Nullable List<String> texts() {
        if (!training.hasTexts()) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (int row : kept) {
            texts.add(training.text(row));
        }
        texts.addAll(test.texts());
        return List.copyOf(texts);
    }

    private @Nullable EmbeddingMatrix embeddings() {
        if (training.hasTexts()) {
            return null;
        }
        EmbeddingMatrix first = training.embeddings().orElseThrow();
        EmbeddingMatrix second = test.embeddings().orElseThrow();
        if (first.width() != second.width()) {
            throw new InputException("training and test embeddings must have one width; got " + first.width() + " and "
                    + second.width());
        }
        EmbeddingMatrix both = EmbeddingMatrix.allocate(kept.length + test.size(), first.width());
        for (int i = 0; i < kept.length; i++) {
            both.rowSegment(i).copyFrom(first.rowSegment(kept[i]));
        }
        for (int i = 0; i < test.size(); i++) {
            both.rowSegment(kept.length + i).copyFrom(second.rowSegment(i));
        }
        return both;
    }
}
