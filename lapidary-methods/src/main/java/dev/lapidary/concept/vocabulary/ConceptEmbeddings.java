package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.Concept;
import dev.lapidary.concept.ConceptLedger;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.tensor.TensorView;
import dev.lapidary.runtime.tensorfile.TensorFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Concepts with embeddings of an encoder that Lapidary does not run, such as the text half of a CLIP.
 *
 * @param concepts the names
 * @param vectors [M, d] float32, row m belongs to concept m
 * @param classes the class names that have embeddings, or none
 * @param classVectors [K, d] float32
 */
@SuppressWarnings("ArrayRecordComponent") // a million numbers are compared by nobody
public record ConceptEmbeddings(ConceptSet concepts, float[][] vectors, List<String> classes, float[][] classVectors) {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** Refuses numbers of rows or widths that do not match. */
    public ConceptEmbeddings {
        classes = List.copyOf(classes);
        check(concepts.size(), vectors, "concept");
        check(classes.size(), classVectors, "class");
        if (concepts.size() == 0) {
            throw new InputException("concept embeddings must have at least one row; got none");
        }
        if (!classes.isEmpty() && classVectors[0].length != vectors[0].length) {
            throw new InputException("class embeddings must have the concepts' width %d; got %d"
                    .formatted(vectors[0].length, classVectors[0].length));
        }
    }

    private static void check(int names, float[][] rows, String what) {
        if (names != rows.length) {
            throw new InputException(
                    "%s names and embeddings must match; got %d names and %d rows".formatted(what, names, rows.length));
        }
        for (int i = 0; i < rows.length; i++) {
            for (float value : rows[i]) {
                if (!Float.isFinite(value)) {
                    throw new InputException(
                            "%s embeddings must be finite; got %s in row %d".formatted(what, value, i + 1));
                }
            }
        }
    }

    /** Returns d. */
    public int width() {
        return vectors[0].length;
    }

    /**
     * Reads a safetensors or npz file: {@code embeddings} [M, d] with {@code names}, and perhaps {@code class_embeddings} [K, d]
     * with {@code classes}. Names are an array of strings, or a JSON array in safetensors metadata. Blank and repeated names
     * lose their row and go to the ledger with the number of the row, from 1.
     */
    public static ConceptEmbeddings read(Path file, ConceptLedger ledger) {
        try (TensorFile tensors = TensorFile.open(file)) {
            float[][] vectors = rows(file, tensors.tensor("embeddings"));
            List<String> names = names(file, tensors, "names");
            if (names.size() != vectors.length) {
                throw new InputException("%s: names and embeddings must match; got %d names and %d rows"
                        .formatted(file, names.size(), vectors.length));
            }
            boolean named = tensors.tensors().containsKey("class_embeddings");
            return distinct(
                    file,
                    ledger,
                    names,
                    vectors,
                    named ? names(file, tensors, "classes") : List.of(),
                    named ? rows(file, tensors.tensor("class_embeddings")) : new float[0][]);
        } catch (IOException e) {
            throw new InputException("%s: must be readable; got %s".formatted(file, e), e);
        }
    }

    private static ConceptEmbeddings distinct(
            Path file,
            ConceptLedger ledger,
            List<String> names,
            float[][] vectors,
            List<String> classes,
            float[][] classVectors) {
        String source = String.valueOf(file.getFileName());
        Map<String, Integer> first = new LinkedHashMap<>();
        List<Concept> concepts = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).strip();
            int row = i + 1;
            if (name.isEmpty()) {
                ledger.dropLine("", source, ConceptLedger.BLANK, "", row);
                continue;
            }
            Integer earlier = first.putIfAbsent(Concept.key(name), i);
            if (earlier != null) {
                ledger.dropLine(name, source, ConceptLedger.REPEATED, "line " + (earlier + 1), row);
                continue;
            }
            ledger.locate(name, row);
            concepts.add(new Concept(name, source));
        }
        float[][] kept = first.values().stream().map(i -> vectors[i]).toArray(float[][]::new);
        return new ConceptEmbeddings(new ConceptSet(concepts), kept, classes, classVectors);
    }

    private static float[][] rows(Path file, TensorView view) {
        if (view.shape().size() != 2 || view.shape().contains(0L)) {
            throw new InputException(
                    "%s: %s must have the shape [rows, width]; got %s".formatted(file, view.name(), view.shape()));
        }
        int count = Math.toIntExact(view.shape().get(0));
        int width = Math.toIntExact(view.shape().get(1));
        float[] all = view.toFloats();
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
        }
        return rows;
    }

    private static List<String> names(Path file, TensorFile tensors, String key) {
        String json = tensors.metadata().get(key);
        if (json == null) {
            return tensors.strings(key);
        }
        try {
            return List.of(JSON.readValue(json, String[].class));
        } catch (JacksonException | NullPointerException e) {
            throw new InputException(
                    "%s: metadata %s must be a JSON array of strings; got %s"
                            .formatted(file, key, json.length() <= 80 ? json : json.substring(0, 80) + "…"),
                    e);
        }
    }

    /** Returns the cosines of these embeddings, classes included. */
    public CosineSimilarity similarity() {
        List<String> texts = new ArrayList<>(classes);
        texts.addAll(concepts.names());
        float[][] rows = Arrays.copyOf(classVectors, classVectors.length + vectors.length);
        System.arraycopy(vectors, 0, rows, classVectors.length, vectors.length);
        return CosineSimilarity.of(texts, rows); // a concept named like a class keeps its own embedding
    }

    /** Returns the rows of some of these concepts, in the order of the set. */
    public ConceptEmbeddings select(ConceptSet kept) {
        Map<String, float[]> byName = new LinkedHashMap<>();
        for (int m = 0; m < vectors.length; m++) {
            byName.put(concepts.concepts().get(m).name(), vectors[m]);
        }
        float[][] rows = kept.names().stream()
                .map(name -> Optional.ofNullable(byName.get(name))
                        .orElseThrow(() -> new InputException("concept must have an embedding; got \"" + name + "\"")))
                .toArray(float[][]::new);
        return new ConceptEmbeddings(kept, rows, classes, classVectors);
    }

    /** Returns the concepts' embeddings [M, d]; the caller closes the matrix. */
    public EmbeddingMatrix matrix() {
        return EmbeddingMatrix.of(vectors);
    }
}
