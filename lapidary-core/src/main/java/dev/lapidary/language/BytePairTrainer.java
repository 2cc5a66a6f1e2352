package dev.lapidary.language;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.AtomicFiles;
import dev.lapidary.runtime.token.ByteLetters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Learns a byte-level byte-pair vocabulary from texts and writes it as a tokenizer.json that Hugging Face's library reads.
 *
 * <p>Token 0 is {@value #END_OF_TEXT}, 1 to 256 are the bytes in the order of their letters, the merges follow in the order in
 * which they were learned. The same texts give the same bytes; the merges are those of Hugging Face's own trainer with {@code
 * min_frequency} 2. Every text can be encoded and comes back unchanged, whatever it was trained on.
 *
 * @see <a href="https://aclanthology.org/P16-1162/">Sennrich et al., ACL 2016</a>
 */
public final class BytePairTrainer {
    /** Separates texts and ends generation. */
    public static final String END_OF_TEXT = "<|endoftext|>";

    /** Tokens that are there without any merge: the special one and the bytes. */
    public static final int SMALLEST = 257;

    private static final int LARGEST = 1 << 20;
    private static final int FIRST_BYTE = 1; // the special token's id is 0

    private BytePairTrainer() {}

    /**
     * Trains on texts and writes the file.
     *
     * @param vocabulary tokens in all, at least {@value #SMALLEST}; where the texts are too short to learn as many, there are fewer
     * @return the number of tokens
     * @throws InputException where the vocabulary is out of bounds or there is no text
     */
    public static int train(List<String> texts, int vocabulary, Path tokenizerJson, Progress progress) {
        if (vocabulary < SMALLEST || vocabulary > LARGEST) {
            throw new InputException("a byte-level vocabulary must have " + SMALLEST + " to " + LARGEST
                    + " tokens (the bytes and the end of text at least); got " + vocabulary);
        }
        Learned learned = learn(texts, vocabulary, progress);
        String json = json(learned);
        try {
            AtomicFiles.writeString(tokenizerJson, json);
        } catch (IOException e) {
            throw new UncheckedIOException(tokenizerJson + " cannot be written", e);
        }
        return learned.tokens.size();
    }

    /**
     * What was learned.
     *
     * @param tokens token id to the token in letters
     * @param merges pairs of token ids in the order of learning; two different pairs may give the same token
     */
    record Learned(List<String> tokens, List<int[]> merges) {}

    static Learned learn(List<String> texts, int vocabulary, Progress progress) {
        PairMerges pairs = count(texts, progress);
        List<String> tokens = new ArrayList<>();
        tokens.add(END_OF_TEXT);
        for (int value : ByteLevelWords.BYTES) {
            tokens.add(String.valueOf(ByteLetters.letter(value)));
        }
        Map<String, Integer> ids = new HashMap<>();
        tokens.forEach(token -> ids.put(token, ids.size()));
        List<int[]> merges = new ArrayList<>();
        try (Progress.Task task = progress.start("learning tokens", vocabulary - SMALLEST)) {
            while (tokens.size() < vocabulary) {
                int[] pair = pairs.next();
                if (pair.length == 0) {
                    break;
                }
                String token = tokens.get(pair[0]) + tokens.get(pair[1]);
                Integer known = ids.putIfAbsent(token, tokens.size());
                pairs.merge(pair[0], pair[1], known == null ? tokens.size() : known);
                merges.add(pair);
                if (known == null) {
                    tokens.add(token);
                    task.advance(1);
                }
            }
        }
        return new Learned(tokens, merges);
    }

    private static PairMerges count(List<String> texts, Progress progress) {
        long letters = texts.stream().mapToLong(String::length).sum();
        if (letters == 0) {
            throw new InputException("a tokenizer must have text to learn from; got none");
        }
        Map<String, long[]> counts;
        try (Progress.Task task = progress.start("counting words", letters)) {
            counts = ByteLevelWords.count(texts, task::advance);
        }
        int[] positions = ByteLevelWords.positions();
        for (int i = 0; i < positions.length; i++) {
            positions[i] += FIRST_BYTE;
        }
        List<int[]> words = new ArrayList<>(counts.size());
        counts.keySet().forEach(word -> words.add(ByteLevelWords.symbols(word, positions)));
        long[] times = counts.values().stream().mapToLong(count -> count[0]).toArray();
        return new PairMerges(words, times);
    }

    private static String json(Learned learned) {
        JsonMapper mapper = JsonMapper.shared();
        ObjectNode vocabulary = mapper.createObjectNode();
        for (int i = 0; i < learned.tokens.size(); i++) {
            vocabulary.put(learned.tokens.get(i), i);
        }
        ArrayNode rules = mapper.createArrayNode();
        for (int[] merge : learned.merges) {
            rules.add(learned.tokens.get(merge[0]) + " " + learned.tokens.get(merge[1]));
        }
        Map<String, Object> file = new LinkedHashMap<>();
        file.put("version", "1.0");
        file.put("truncation", null);
        file.put("padding", null);
        file.put("added_tokens", List.of(endOfText(mapper)));
        file.put("normalizer", null);
        file.put("pre_tokenizer", byteLevel());
        file.put("post_processor", byteLevel());
        file.put("decoder", byteLevel());
        file.put("model", model(mapper, vocabulary, rules));
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(file);
    }

    private static ObjectNode endOfText(JsonMapper mapper) {
        return mapper.createObjectNode()
                .put("id", 0)
                .put("content", END_OF_TEXT)
                .put("single_word", false)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("special", true);
    }

    private static Map<String, Object> byteLevel() {
        Map<String, Object> step = new LinkedHashMap<>();
        step.put("type", "ByteLevel");
        step.put("add_prefix_space", false);
        step.put("trim_offsets", true);
        step.put("use_regex", true);
        return step;
    }

    private static ObjectNode model(JsonMapper mapper, ObjectNode vocabulary, ArrayNode rules) {
        ObjectNode model = mapper.createObjectNode().put("type", "BPE");
        model.putNull("dropout").putNull("unk_token");
        model.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
        model.put("fuse_unk", false).put("byte_fallback", false).put("ignore_merges", false);
        model.set("vocab", vocabulary);
        model.set("merges", rules);
        return model;
    }
}
