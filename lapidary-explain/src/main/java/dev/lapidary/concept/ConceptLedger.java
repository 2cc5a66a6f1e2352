package dev.lapidary.concept;

import com.fasterxml.jackson.annotation.Nulls;
import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Every decision about every candidate concept, with the number that it was made on. One candidate has one entry: what
 * dropped it, or, where it was kept, the rule that came nearest to dropping it.
 *
 * <p>Not safe for use by several threads at once.
 */
public final class ConceptLedger {
    /** Rule: a line of a list must hold something. */
    public static final String BLANK = "blank";

    /** Rule: a concept must stand in the list once; case, articles and spacing do not count. */
    public static final String REPEATED = "repeated";

    /** Rule: a name must not have more characters than the threshold. */
    public static final String LENGTH = "length";

    /** Rule: a name must not be that of a class. */
    public static final String CLASS_NAME = "class-name";

    /** Rule: the similarity to every class name must stay below the threshold. */
    public static final String CLASS_SIMILARITY = "class-similarity";

    /** Rule: the similarity to every other concept must stay below the threshold. */
    public static final String DUPLICATE = "duplicate";

    /** Rule: the mean of the largest cosines with training items must reach the threshold. */
    public static final String ACTIVATION = "activation";

    /** No rule: the concept was kept unseen, because somebody chose it. */
    public static final String UNFILTERED = "unfiltered";

    private static final List<String> LOWER_BOUNDS = List.of(ACTIVATION);

    /** A file may be edited by hand: an entry that nobody here writes is refused rather than ignored. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .changeDefaultNullHandling(handling -> handling.withContentNulls(Nulls.FAIL))
            .build();

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, Integer> lines = new HashMap<>();

    /**
     * One decision.
     *
     * @param concept the name of the candidate, empty for a blank line
     * @param source where it came from
     * @param rule one of the rules of this class
     * @param kept whether the candidate was kept
     * @param value what was measured: a cosine, or characters for {@link #LENGTH}; 1 for an equal name
     * @param threshold what it was compared with, in the same unit
     * @param against the class or concept that it was compared with, or empty
     * @param line line of the file that it stood in, from 1, or 0 where it came from no file
     */
    public record Entry(
            String concept,
            String source,
            String rule,
            boolean kept,
            double value,
            double threshold,
            String against,
            int line) {
        /** Says in a few words what the decision was made on, beginning with the concept: {@code "lamp" 0.21 below 0.25}. */
        public String reason() {
            return ConceptLedger.reason(this);
        }
    }

    /** What a rule measured for a candidate. */
    public record Measured(String rule, double value, double threshold, String against) {
        /** How far the value is from dropping the candidate; larger is safer. */
        public double margin() {
            return LOWER_BOUNDS.contains(rule) ? value - threshold : threshold - value;
        }
    }

    private record Document(List<Entry> entries) {}

    /** Records that a candidate was kept, with the measurement that came nearest to dropping it. */
    public void keep(Concept concept, Measured nearest) {
        entries.add(entry(concept, nearest, true));
    }

    /** Records that a candidate was dropped. */
    public void drop(Concept concept, Measured measured) {
        entries.add(entry(concept, measured, false));
    }

    /** Records that a line of a list was left out. */
    public void dropLine(String name, String source, String rule, String against, int line) {
        entries.add(new Entry(name, source, rule, false, 1, 1, against, line));
    }

    /** Remembers the line that a candidate stood in. */
    public void locate(String name, int line) {
        lines.put(name, line);
    }

    private Entry entry(Concept concept, Measured measured, boolean kept) {
        return new Entry(
                concept.name(),
                concept.source(),
                measured.rule(),
                kept,
                measured.value(),
                measured.threshold(),
                measured.against(),
                lines.getOrDefault(concept.name(), 0));
    }

    /** Returns the entries, in the order of the decisions. */
    public List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** Returns how many candidates each rule dropped, sorted by rule; rules that dropped none are absent. */
    public Map<String, Integer> droppedByRule() {
        Map<String, Integer> counts = new TreeMap<>();
        for (Entry entry : entries) {
            if (!entry.kept()) {
                counts.merge(entry.rule(), 1, Integer::sum);
            }
        }
        return counts;
    }

    /** Returns how many candidates a rule dropped. */
    public int dropped(String rule) {
        return droppedByRule().getOrDefault(rule, 0);
    }

    /** Returns the candidates that were dropped, in the order of the decisions, without blank lines. */
    public List<Entry> dropped() {
        return entries.stream()
                .filter(entry -> !entry.kept() && !entry.rule().equals(BLANK))
                .toList();
    }

    /** Returns how many candidates were kept. */
    public int kept() {
        return (int) entries.stream().filter(Entry::kept).count();
    }

    /**
     * Returns a warning where the activation rule dropped more than half of what it judged: its cutoff is a cosine, and an encoder's
     * cosines may be on a scale of their own. Tuning an image network for drawn scenes by adapters left one concept of 56.
     */
    public Optional<String> activationWarning() {
        int dropped = dropped(ACTIVATION);
        int judged = dropped + kept();
        if (2 * dropped <= judged) {
            return Optional.empty();
        }
        List<Entry> inactive = entries.stream()
                .filter(entry -> !entry.kept() && entry.rule().equals(ACTIVATION))
                .sorted(Comparator.comparingDouble(Entry::value))
                .toList();
        Entry middle = inactive.get(dropped / 2);
        return Optional.of(String.format(
                Locale.ROOT,
                "%d of %d concepts are dropped because the training items show them less than the activation cutoff of %.2f "
                        + "(half of them %.2f or less); this encoder's cosines may be on another scale: a cutoff of -1 keeps all",
                dropped,
                judged,
                middle.threshold(),
                middle.value()));
    }

    /** Returns a few lines for a person: how many were kept and dropped, and for each rule its clearest examples. */
    public String summary() {
        StringBuilder text = new StringBuilder(
                "%d candidates: %d kept, %d dropped".formatted(entries.size(), kept(), entries.size() - kept()));
        droppedByRule().forEach((rule, count) -> text.append("\n  %s: %d (%s)".formatted(rule, count, examples(rule))));
        return text.toString();
    }

    private String examples(String rule) {
        return entries.stream()
                .filter(entry -> !entry.kept() && entry.rule().equals(rule))
                .sorted(Comparator.comparingDouble((Entry entry) -> -Math.abs(entry.value() - entry.threshold())))
                .limit(3)
                .map(Entry::reason)
                .reduce((a, b) -> a + "; " + b)
                .orElse("");
    }

    private static String reason(Entry entry) {
        String where = entry.line() > 0 ? "line " + entry.line() : "";
        return switch (entry.rule()) {
            case BLANK -> where;
            case UNFILTERED -> "\"%s\" is used as given".formatted(entry.concept());
            case REPEATED -> "\"%s\" in %s repeats %s".formatted(entry.concept(), where, entry.against());
            case LENGTH ->
                "\"%s\" has %.0f characters, more than %.0f"
                        .formatted(shortened(entry.concept()), entry.value(), entry.threshold());
            case CLASS_NAME -> "\"%s\" is the class %s".formatted(entry.concept(), entry.against());
            case ACTIVATION ->
                String.format(Locale.ROOT, "\"%s\" %.2f below %.2f", entry.concept(), entry.value(), entry.threshold());
            default ->
                String.format(
                        Locale.ROOT,
                        "\"%s\" %.2f like \"%s\", from %.2f",
                        entry.concept(),
                        entry.value(),
                        entry.against(),
                        entry.threshold());
        };
    }

    private static String shortened(String name) {
        return name.length() <= 40 ? name : name.substring(0, 39) + "…";
    }

    /** Returns the entries as one JSON object. */
    public String toJson() {
        return JSON.writeValueAsString(new Document(entries));
    }

    /**
     * Returns the ledger that {@link #toJson} wrote.
     *
     * @throws InputException where the text is not such JSON
     */
    public static ConceptLedger fromJson(String json) {
        Document document;
        try {
            document = JSON.readValue(json, Document.class);
            if (document == null) {
                throw new InputException("a concept ledger must be JSON as Lapidary writes it; got null");
            }
        } catch (JacksonException e) {
            throw new InputException(
                    "a concept ledger must be JSON as Lapidary writes it; got " + e.getOriginalMessage(), e);
        }
        ConceptLedger ledger = new ConceptLedger();
        ledger.entries.addAll(document.entries());
        return ledger;
    }
}
