package dev.lapidary.concept.audit;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.SplitRecord;
import dev.lapidary.runtime.InputException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Labelled items for an audit, and which of them may fit, choose and judge.
 *
 * @param embeddings [n, d]; stays the caller's to close
 * @param ids [n]
 * @param labels indices of classes [n], none missing
 */
@SuppressWarnings("ArrayRecordComponent") // handed on once, never compared
public record AuditItems(EmbeddingMatrix embeddings, List<String> ids, int[] labels) {
    /** Checks the sizes. */
    public AuditItems {
        if (ids.size() != embeddings.rows() || labels.length != embeddings.rows()) {
            throw new InputException("ids and labels must be as many as items, " + embeddings.rows() + "; got "
                    + ids.size() + " and " + labels.length);
        }
        for (int label : labels) {
            if (label < 0) {
                throw new InputException("every item of an audit must have a label; got one without");
            }
        }
    }

    /** Disjoint rows to fit on, to choose on and to judge on. */
    record Parts(int[] fit, int[] choose, int[] judge) {
        boolean usable() {
            return fit.length > 0 && choose.length > 0 && judge.length > 0;
        }
    }

    /**
     * The parts of the classifier's own split where the items are those it was trained with; otherwise all are unseen, and 40 % fit, 10 %
     * choose and 50 % judge, drawn by content, so that equal embeddings lie in one part.
     */
    Parts parts(SplitRecord split) {
        Parts own = new Parts(
                rows(split.train().ids()),
                rows(split.validation().ids()),
                rows(split.test().ids()));
        int known = own.fit.length + own.choose.length + own.judge.length;
        if (own.usable() && known == ids.size()) {
            return own;
        }
        Set<String> trained = new HashSet<>(split.train().ids());
        trained.addAll(split.validation().ids());
        IntPredicate unseen = known == ids.size() ? i -> !trained.contains(ids.get(i)) : i -> true;
        int[] tenth = new int[ids.size()];
        Arrays.setAll(tenth, this::tenth);
        return new Parts(
                rows(i -> unseen.test(i) && tenth[i] < 4),
                rows(i -> unseen.test(i) && tenth[i] == 4),
                rows(i -> unseen.test(i) && tenth[i] > 4));
    }

    private int tenth(int row) {
        int hash = Arrays.hashCode(embeddings.row(row));
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b; // MurmurHash3's finaliser: spreads neighbouring hashes
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return Math.floorMod(hash ^ (hash >>> 16), 10);
    }

    private int[] rows(List<String> wanted) {
        Set<String> set = new HashSet<>(wanted);
        return rows(i -> set.contains(ids.get(i)));
    }

    private int[] rows(IntPredicate where) {
        return IntStream.range(0, ids.size()).filter(where).toArray();
    }

    int[] labels(int[] rows) {
        return Arrays.stream(rows).map(i -> labels[i]).toArray();
    }
}
