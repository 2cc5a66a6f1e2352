package dev.lapidary.systems;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lapidary.data.Names;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a published system without running anything: one data file of the catalogue.
 *
 * @param row number in the catalogue
 * @param id name in kebab case, distinct
 * @param title its short name
 * @param paper title of the paper
 * @param source address of the paper, where it is known
 * @param kind method, model, theory, survey, benchmark, dataset or agent
 * @param family what it belongs to
 * @param tier A the core of the product, B expressed with modest work, C another field, D not a system that can be built here
 * @param outOfReach why a system of tier D cannot be built here
 * @param keeps what is selected or kept, where the method selects
 * @param summary what it does
 * @param claim what the paper claims, on its own data
 * @param published the claim's number: data set, metric, comparator, value
 * @param check how it is shown here that the implementation does what the paper claims
 * @param limits what could not be done here, and why
 * @param figures what each figure of the check is, with its unit, by name; {@code N} at the end of a name stands for any number
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SystemRow(
        int row,
        String id,
        String title,
        String paper,
        @Nullable String source,
        String kind,
        String family,
        String tier,
        @Nullable String outOfReach,
        @Nullable String keeps,
        String summary,
        String claim,
        Map<String, String> published,
        String check,
        List<String> limits,
        Map<String, String> figures) {
    /** Checks the id and the tier. */
    public SystemRow {
        if (row < 1 || !Names.inKebabCase(id) || !List.of("A", "B", "C", "D").contains(tier)) {
            throw new IllegalArgumentException(
                    "a row has a number from 1, an id in kebab case and a tier from A to D; got row " + row + ", id "
                            + id + ", tier " + tier);
        }
        limits = limits == null ? List.of() : List.copyOf(limits);
        published = published == null ? Map.of() : published;
        figures = figures == null ? Map.of() : figures;
    }

    /** Returns what a figure is, with its unit, where the row says it. */
    public Optional<String> figure(String name) {
        String known = figures.get(name);
        return Optional.ofNullable(known == null ? figures.get(name.replaceFirst("\\d+$", "N")) : known);
    }
}
