package dev.lapidary.concept.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines up columns of an explanation: the first to the left, numbers to the right. A row of one cell does not widen the columns. */
final class Columns {
    private final List<List<String>> rows = new ArrayList<>();

    Columns row(String... cells) {
        rows.add(List.of(cells));
        return this;
    }

    static String signed(double value, int decimals) {
        return String.format(Locale.ROOT, "%+." + decimals + "f", value);
    }

    @Override
    public String toString() {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int c = 0; c < row.size() && row.size() > 1; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < row.size(); c++) {
                String cell = row.get(c);
                String space = " ".repeat(Math.max(0, widths[c] - cell.length()));
                line.append(c == 0 ? cell + space : "  " + space + cell);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
