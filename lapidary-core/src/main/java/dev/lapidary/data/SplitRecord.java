package dev.lapidary.data;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
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
        MessageDigest sha = ContentHashes.sha256();
        List<String> ids = new ArrayList<>(rows.length);
        for (int row : rows) {
            ids.add(data.id(row));
            ContentHashes.field(sha, data.id(row));
            int label = data.label(row);
            ContentHashes.field(sha, label < 0 ? "" : data.classes().get(label));
            ContentHashes.field(sha, Long.toHexString(data.contentHash(row)));
        }
        return new Part(rows.length, HexFormat.of().formatHex(sha.digest()), ids);
    }
}
