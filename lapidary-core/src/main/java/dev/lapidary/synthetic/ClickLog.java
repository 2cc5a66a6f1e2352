package dev.lapidary.synthetic;

import java.util.Collections;
import java.util.List;

/**
 * What was shown and clicked, with its truth.
 *
 * @param rows session after session, slot after slot
 */
public record ClickLog(List<Row> rows, ClickTruth truth) {
    /** Makes the list unmodifiable. */
    public ClickLog {
        rows = Collections.unmodifiableList(rows);
    }

    /**
     * One item that was shown.
     *
     * @param slot place in the list, from 0
     * @param fields values [fields], from 0, shared by the rows of a session; which fields are useful is drawn
     */
    @SuppressWarnings("ArrayRecordComponent") // data to be read
    public record Row(int session, int user, int item, int slot, int[] fields, boolean clicked) {}

    /** Returns the true probability that a row was clicked. */
    public double oracle(Row row) {
        return truth.examination(row.slot()) * truth.relevance(row.user(), row.item(), row.fields());
    }
}
