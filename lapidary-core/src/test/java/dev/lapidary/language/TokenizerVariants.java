package dev.lapidary.language;

import dev.lapidary.runtime.Progress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Small tokenizer.json files in the manner of the published ones, with merges learned from a text. */
final class TokenizerVariants {
    static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String QWEN2 = LLAMA3.replace("{1,3}", "");
    static final String GPT4O =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+"
                    + "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}"
                    + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final JsonMapper JSON = JsonMapper.shared();

    @SuppressWarnings("InlineFormatString") // used beside the others
    private static final String BYTES =
            "{'type': 'ByteLevel', 'add_prefix_space': %s, 'trim_offsets': true, 'use_regex': %s}";

    @SuppressWarnings("InlineFormatString")
    private static final String SPLIT = "{'type': 'Split', 'pattern': {'Regex': %s}, 'behavior': '%s', 'invert': %s}";

    private TokenizerVariants() {}

    /** Returns every variant by name. */
    static SequencedMap<String, byte[]> all(String text) {
        SequencedMap<String, byte[]> all = new LinkedHashMap<>();
        all.put("gpt2", bytes(text, "null", byteLevel(false, true), "null"));
        all.put("gpt2-prefix-space", bytes(text, "null", byteLevel(true, true), "null"));
        all.put("llama3", bytes(text, "null", split(LLAMA3, "Isolated", false), bos()));
        all.put("qwen2", bytes(text, "{'type': 'NFC'}", split(QWEN2, "Isolated", false), "null"));
        all.put("gpt4o", bytes(text, "null", split(GPT4O, "Removed", true), "null"));
        all.put("gpt4o-next", bytes(text, "null", split(GPT4O, "MergedWithNext", false), "null"));
        all.put("llama3-contiguous", bytes(text, "{'type': 'NFKC'}", split("\\s+", "Contiguous", false), "null"));
        all.put("spaces-previous", bytes(text, "{'type': 'NFD'}", split("\\s", "MergedWithPrevious", false), "null"));
        all.put("spaces-next", bytes(text, "{'type': 'NFKD'}", split(" ", "MergedWithNext", false), "null"));
        all.put("spaces-removed", bytes(text, "null", split("\\p{Nd}+|\\p{L}+", "Removed", false), "null"));
        all.put(
                "smollm",
                bytes(
                        text,
                        "null",
                        sequence("{'type': 'Digits', 'individual_digits': true}", byteLevel(false, true)),
                        byteLevel(false, true)));
        all.put(
                "digits",
                bytes(
                        text,
                        "null",
                        sequence("{'type': 'Digits', 'individual_digits': false}", byteLevel(true, false)),
                        "null"));
        String prepend = "{'type': 'Sequence', 'normalizers': [{'type': 'Prepend', 'prepend': '▁'},"
                + " {'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'}]}";
        all.put("tinyllama", blocks(text, prepend, "null", true));
        all.put("tinyllama-no-bytes", blocks(text, prepend, "null", false));
        for (String scheme : List.of("first", "always", "never")) {
            String words = "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': '" + scheme + "', 'split': "
                    + scheme.equals("always") + "}";
            all.put("metaspace-" + scheme, blocks(text, "null", words, !scheme.equals("always")));
        }
        return all;
    }

    private static String byteLevel(boolean prefix, boolean regex) {
        return BYTES.formatted(prefix, regex);
    }

    private static String split(String regex, String behavior, boolean invert) {
        return sequence(SPLIT.formatted(JSON.writeValueAsString(regex), behavior, invert), byteLevel(false, false));
    }

    private static String sequence(String... steps) {
        return "{'type': 'Sequence', 'pretokenizers': [" + String.join(", ", steps) + "]}";
    }

    private static String bos() {
        return "{'type': 'Sequence', 'processors': [" + byteLevel(true, true) + ", " + template("<|endoftext|>") + "]}";
    }

    private static String template(String token) {
        return ("{'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': '%1$s', 'type_id': 0}},"
                        + " {'Sequence': {'id': 'A', 'type_id': 0}}], 'pair': [{'Sequence': {'id': 'A', 'type_id': 0}},"
                        + " {'Sequence': {'id': 'B', 'type_id': 1}}],"
                        + " 'special_tokens': {'%1$s': {'id': '%1$s', 'ids': [0], 'tokens': ['%1$s']}}}")
                .formatted(token);
    }

    private static byte[] bytes(String text, String normalizer, String words, String processor) {
        BytePairTrainer.Learned learned = BytePairTrainer.learn(List.of(text), 1200, Progress.silent());
        ObjectNode vocabulary = JSON.createObjectNode();
        for (String token : learned.tokens()) {
            vocabulary.put(token, vocabulary.size());
        }
        ArrayNode merges = JSON.createArrayNode();
        for (int[] merge : learned.merges()) {
            merges.add(learned.tokens().get(merge[0]) + " " + learned.tokens().get(merge[1]));
        }
        ObjectNode model = JSON.createObjectNode().put("type", "BPE");
        model.put("ignore_merges", words.contains("{1,3}"));
        model.set("vocab", vocabulary);
        model.set("merges", merges);
        return file(normalizer, words, processor, byteLevel(true, true), model, "<|endoftext|>");
    }

    private static byte[] blocks(String text, String normalizer, String words, boolean fallback) {
        ObjectNode model = JSON.createObjectNode().put("type", "BPE").put("unk_token", "<unk>");
        model.put("fuse_unk", words.equals("null")).put("byte_fallback", fallback);
        learnBlocks(text, model, words.contains("false")); // then some merges cross blocks
        String strip =
                "{'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'String': '▁'}, 'content': ' '},"
                        + " {'type': 'ByteFallback'}, {'type': 'Fuse'}, {'type': 'Strip', 'content': ' ', 'start': 1, 'stop': 0}]}";
        String decoder = words.equals("null") ? strip : words;
        return file(normalizer, words, template("<s>"), decoder, model, "<unk>", "<s>", "</s>");
    }

    private static void learnBlocks(String text, ObjectNode model, boolean cross) {
        List<String> tokens = new ArrayList<>(List.of("<s>", "<unk>", "</s>"));
        for (int i = 0; i < 256; i++) {
            tokens.add("<0x%02X>".formatted(i));
        }
        String marked = text.replace(' ', '▁');
        Map<String, long[]> words = new TreeMap<>();
        for (String word : marked.split(cross ? "\n" : "(?<!▁)(?=▁)|\n")) {
            words.computeIfAbsent(word.substring(0, Math.min(40, word.length())), w -> new long[1])[0]++;
        }
        new LinkedHashSet<>(marked.codePoints().filter(c -> c < 0x3000).boxed().toList()) // CJK stays unknown
                .forEach(letter -> tokens.add(Character.toString(letter)));
        List<int[]> rows = new ArrayList<>();
        for (String word : words.keySet()) {
            rows.add(word.codePoints()
                    .map(c -> tokens.indexOf(Character.toString(c)))
                    .filter(i -> i >= 0)
                    .toArray());
        }
        PairMerges pairs = new PairMerges(
                rows, words.values().stream().mapToLong(count -> count[0]).toArray());
        ArrayNode merges = JSON.createArrayNode();
        for (int[] pair = pairs.next(); pair.length > 0 && tokens.size() < 1200; pair = pairs.next()) {
            String merged = tokens.get(pair[0]) + tokens.get(pair[1]);
            if (!tokens.contains(merged)) {
                tokens.add(merged);
            }
            pairs.merge(pair[0], pair[1], tokens.indexOf(merged));
            merges.addArray().add(tokens.get(pair[0])).add(tokens.get(pair[1]));
        }
        ObjectNode vocabulary = JSON.createObjectNode();
        tokens.forEach(token -> vocabulary.put(token, vocabulary.size()));
        model.set("vocab", vocabulary);
        model.set("merges", merges);
    }

    private static byte[] file(
            String normalizer, String words, String processor, String decoder, ObjectNode model, String... special) {
        ObjectNode root = JSON.createObjectNode().put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        int next = model.path("vocab").size();
        for (String content : special) {
            added(added, model.path("vocab").path(content).intValue(), content, "special");
        }
        for (List<String> token : Arrays.asList(
                List.of("<|im_start|>", "special"),
                List.of("[WORD]", "single_word"),
                List.of("[STRIP]", "lstrip", "rstrip"),
                List.of("[É]", "normalized"),
                List.of("[ÉX", "normalized", "lstrip"))) {
            added(
                    added,
                    next++,
                    token.getFirst(),
                    token.subList(1, token.size()).toArray(new String[0]));
        }
        root.set("normalizer", tree(normalizer));
        root.set("pre_tokenizer", tree(words));
        root.set("post_processor", tree(processor));
        root.set("decoder", tree(decoder));
        root.set("model", model);
        return JSON.writeValueAsBytes(root);
    }

    private static void added(ArrayNode added, int id, String content, String... flags) {
        ObjectNode token = added.addObject().put("id", id).put("content", content);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized", "special")) {
            token.put(flag, List.of(flags).contains(flag));
        }
    }

    private static tools.jackson.databind.JsonNode tree(String json) {
        return JSON.readTree(
                json.replace('\'', '"').replace("\"s|\"t|\"re|\"ve|\"m|\"ll|\"d", "'s|'t|'re|'ve|'m|'ll|'d"));
    }
}
