package dev.lapidary.concept.classifier;

import dev.lapidary.data.Dataset;
import dev.lapidary.data.Split;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * The items that a classifier learned from or chose its settings on, in any of its seeds, known by their contents and not by their ids:
 * rows of another table have the same ids.
 *
 * <p>Texts are the same where they differ only in case and white space, embeddings (and so images) where all their bytes are equal. See
 * {@link Dataset#contentHash}. Immutable.
 */
public final class TrainingItems {
    private final long[] contents; // ascending

    private TrainingItems(long[] contents) {
        this.contents = contents;
    }

    /** Gathers the training and validation items of each seed's split; test items are not among them unless another seed learned from them. */
    public static TrainingItems of(Dataset data, List<Split> splits) {
        return new TrainingItems(splits.stream()
                .flatMapToInt(split -> IntStream.concat(IntStream.of(split.train()), IntStream.of(split.validation())))
                .mapToLong(data::contentHash)
                .sorted()
                .distinct()
                .toArray());
    }

    /** Number of different contents. */
    public int size() {
        return contents.length;
    }

    /** Whether an item of a data set is one of these. */
    public boolean contains(Dataset data, int row) {
        return Arrays.binarySearch(contents, data.contentHash(row)) >= 0;
    }

    /** What the file of these items holds: the hashes in hexadecimal, ascending as unsigned numbers. */
    record Stored(List<String> contents) {
        Stored {
            contents = List.copyOf(contents);
        }
    }

    Stored stored() {
        return new Stored(LongStream.of(contents)
                .mapToObj(HexFormat.of()::toHexDigits)
                .sorted()
                .toList());
    }

    static TrainingItems restore(Stored stored) {
        List<Long> contents = new ArrayList<>(stored.contents().size());
        for (String hash : stored.contents()) {
            if (!hash.matches("[0-9a-f]{16}")) {
                throw new InputException(
                        "contents of training items must be 16 hexadecimal digits each; got '" + hash + "'");
            }
            contents.add(HexFormat.fromHexDigitsToLong(hash));
        }
        return new TrainingItems(
                contents.stream().mapToLong(Long::longValue).sorted().distinct().toArray());
    }
}
