package dev.lapidary.app.command;

import dev.lapidary.concept.explain.TextTable;
import dev.lapidary.sparsity.LinearName;
import dev.lapidary.sparsity.MaskDifference;
import dev.lapidary.sparsity.MaskSet;
import dev.lapidary.sparsity.MaskSummary;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import tools.jackson.databind.node.ObjectNode;

/** Shows masks and their differences: tables for people, an object for programs. */
record MaskView(List<String> folders, List<MaskSet> sets, List<Pair> pairs) {
    private static final int MOST_PATTERNS = 8; // columns of a table

    /** Two masks and what differs between them. */
    record Pair(String first, String second, MaskDifference difference) {}

    String text() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sets.size(); i++) {
            text.append(i == 0 ? "" : "\n").append(mask(folders.get(i), sets.get(i)));
        }
        if (!pairs.isEmpty()) {
            TextTable table = new TextTable().row("differing", "groups", "mask entries", "base");
            pairs.forEach(p -> table.row(
                    p.first + " - " + p.second,
                    ReportView.percentOrDash(p.difference.total().groupShare()),
                    ReportView.percentOrDash(p.difference.total().entryShare()),
                    p.difference.sameBase() ? "same" : "other"));
            text.append('\n').append(table);
        }
        if (pairs.size() == 1) {
            text.append("\nmask entries that differ, by block and linear:\n").append(map(pairs.getFirst().difference));
        }
        return text.toString();
    }

    private static String mask(String folder, MaskSet set) {
        MaskSummary summary = MaskSummary.of(set);
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s: %s, %s, %,d weights, %s of the prunable ones kept, %.3f bits per weight%s%ndigest of the dense model: %s%n",
                folder,
                summary.method(),
                summary.pattern(),
                summary.weights(),
                ReportView.percentOrDash(summary.density()),
                summary.bitsPerWeight(),
                summary.updatedLayers() == 0 ? "" : ", updated weights of " + summary.updatedLayers() + " layers",
                MaskOrigin.digest(summary.base())));
        text.append(MaskOrigin.text(set.settings()))
                .append("\nHow often each pattern is chosen, 1 for a weight that is kept:\n")
                .append(patterns(summary));
        if (!summary.denseLayers().isEmpty()) {
            text.append("dense: ")
                    .append(String.join(", ", summary.denseLayers()))
                    .append('\n');
        }
        return text.toString();
    }

    /** How often each pattern is chosen, the most frequent ones where there are many. */
    private static String patterns(MaskSummary summary) {
        List<Integer> codes = IntStream.range(0, summary.patterns().size())
                .boxed()
                .sorted(Comparator.comparingLong(code -> -chosen(summary, code)))
                .limit(MOST_PATTERNS)
                .sorted()
                .toList();
        List<String> head = new ArrayList<>(List.of("linear", "layers", "dense", "weights"));
        codes.forEach(code -> head.add(summary.patterns().get(code)));
        TextTable table = new TextTable().row(head.toArray(String[]::new));
        summary.kinds().forEach((kind, sum) -> {
            List<String> row = new ArrayList<>(List.of(
                    kind, Integer.toString(sum.layers()), Integer.toString(sum.dense()), Long.toString(sum.weights())));
            codes.forEach(code -> row.add(ReportView.percentOrDash(sum.share(code))));
            table.row(row.toArray(String[]::new));
        });
        int hidden = summary.patterns().size() - codes.size();
        return table + (hidden == 0 ? "" : "the " + MOST_PATTERNS + " most frequent patterns; " + hidden + " more\n");
    }

    private static long chosen(MaskSummary summary, int code) {
        return summary.kinds().values().stream()
                .mapToLong(kind -> kind.histogram().get(code))
                .sum();
    }

    /** Blocks below each other, kinds of linears beside each other. */
    private static String map(MaskDifference difference) {
        List<String> kinds = List.copyOf(difference.kinds().keySet());
        SortedMap<Integer, Map<String, String>> blocks = new TreeMap<>();
        difference.layers().forEach((weight, share) -> {
            LinearName name = LinearName.of(weight);
            blocks.computeIfAbsent(name.block(), block -> new LinkedHashMap<>())
                    .put(name.kind(), ReportView.percentOrDash(share.entryShare()));
        });
        List<String> head = new ArrayList<>(List.of("block"));
        head.addAll(kinds);
        TextTable table = new TextTable().row(head.toArray(String[]::new));
        blocks.forEach((block, cells) -> {
            List<String> row = new ArrayList<>(List.of(Integer.toString(block)));
            kinds.forEach(kind -> row.add(cells.getOrDefault(kind, "")));
            table.row(row.toArray(String[]::new));
        });
        List<String> all = new ArrayList<>(List.of("all"));
        difference.kinds().values().forEach(share -> all.add(ReportView.percentOrDash(share.entryShare())));
        return table.row(all.toArray(String[]::new)).toString();
    }

    Map<String, Object> json() {
        List<ObjectNode> masks = new ArrayList<>();
        for (int i = 0; i < sets.size(); i++) {
            ObjectNode mask = JsonLine.object(MaskSummary.of(sets.get(i)));
            mask.put("folder", folders.get(i));
            mask.set("settings", JsonLine.tree(sets.get(i).settings()));
            masks.add(mask);
        }
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("masks", masks);
        object.put("differences", pairs.stream().map(MaskView::json).toList());
        return object;
    }

    private static Map<String, Object> json(Pair pair) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("first", pair.first);
        object.put("second", pair.second);
        object.put("sameBase", pair.difference.sameBase());
        object.putAll(shares(pair.difference.total()));
        object.put("kinds", shares(pair.difference.kinds()));
        object.put("layers", shares(pair.difference.layers()));
        return object;
    }

    private static Map<String, Object> shares(SequencedMap<String, MaskDifference.Share> all) {
        Map<String, Object> object = new LinkedHashMap<>();
        all.forEach((name, share) -> object.put(name, shares(share)));
        return object;
    }

    private static Map<String, Object> shares(MaskDifference.Share share) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("groups", share.groupShare());
        object.put("entries", share.entryShare());
        return object;
    }
}
