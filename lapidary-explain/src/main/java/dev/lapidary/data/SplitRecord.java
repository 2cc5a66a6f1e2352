package dev.lapidary.data;

import dev.lapidary.runtime.file.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * A split as it is stored with a model: which items were in which part, by id, and digests to recognise them by.
 *
 * @param seed that drew it
 * @param dataDigest {@link Dataset#digest} of the whole data
 * @param train the part that was learned from
 * @param validation the part that settings were chosen on
 * @param test the part that nothing was chosen on
 * @param duplicates what was found about equal contents
 */
public record SplitRecord(
        long seed, String dataDigest, Part train, Part validation, Part test, DuplicateReport duplicates) {
    /**
     * One part.
     *
     * @param items number of items
     * @param digest SHA-256 in hexadecimal over ids, labels and content hashes, in order
     * @param ids of the items, in the order of the data
     */
    public record Part(int items, String digest, List<String> ids) {
        /** Copies the list. */
        public Part {
            ids = List.copyOf(ids);
        }
    }

    /** Describes a split of a data set. */
    public static SplitRecord of(Dataset data, Split split) {
        return new SplitRecord(
                split.seed(),
                data.digest(),
                part(data, split.train()),
                part(data, split.validation()),
                part(data, split.test()),
                split.duplicates());
    }

    private static Part part(Dataset data, int[] rows) {
        MessageDigest sha = Sha256.digest();
        List<String> ids = new ArrayList<>(rows.length);
        for (int row : rows) {
            ids.add(data.id(row));
            Sha256.field(sha, data.id(row));
            int label = data.label(row);
            Sha256.field(sha, label < 0 ? "" : data.classes().get(label));
            Sha256.field(sha, Long.toHexString(data.contentHash(row)));
        }
        return new Part(rows.length, Sha256.hex(sha), ids);
    }
}
