package dev.lapidary.concept.bottleneck;

import dev.lapidary.data.Dataset;
import dev.lapidary.data.Split;
import java.util.Arrays;
import java.util.List;

/**
 * A split as it is kept with the model: ids of every part, in data order, and a digest of each.
 *
 * @param digests SHA-256 over the ids of train, validation and test, one id a line
 */
public record StoredSplit(
        long seed, List<String> train, List<String> validation, List<String> test, List<String> digests) {
    static StoredSplit of(Dataset data, Split split) {
        List<String> train = ids(data, split.train());
        List<String> validation = ids(data, split.validation());
        List<String> test = ids(data, split.test());
        return new StoredSplit(
                split.seed(), train, validation, test, List.of(digest(train), digest(validation), digest(test)));
    }

    private static List<String> ids(Dataset data, int[] rows) {
        return Arrays.stream(rows).mapToObj(data::id).toList();
    }

    private static String digest(List<String> ids) {
        return Vectors.sha256(String.join("\n", ids));
    }
}
