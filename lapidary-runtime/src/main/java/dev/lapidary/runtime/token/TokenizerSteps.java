package dev.lapidary.runtime.token;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.json.JsonObject;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the steps of {@code tokenizer.json} around its model: normalizer, pre-tokenizer, post-processor and decoder. */
record TokenizerSteps(JsonObject root) {
    /** Returns what changes a text before it is split, or nothing. */
    @Nullable
    TextNormalizer normalizer() {
        JsonObject step = root.optional("normalizer");
        return step == null ? null : normalizer(step);
    }

    private static TextNormalizer normalizer(JsonObject step) {
        String type = step.text("type");
        return switch (type) {
            case "NFC", "NFD", "NFKC", "NFKD" -> new TextNormalizer.Form(Normalizer.Form.valueOf(type));
            case "Prepend" -> new TextNormalizer.Prepend(step.text("prepend"));
            case "Replace" -> replace(step);
            case "Sequence" ->
                new TextNormalizer.Sequence(step.objects("normalizers").stream()
                        .map(TokenizerSteps::normalizer)
                        .toList());
            default -> throw unsupported(step, "NFC, NFD, NFKC, NFKD, Prepend, Replace or Sequence", type);
        };
    }

    private static TextNormalizer.Replace replace(JsonObject step) {
        return new TextNormalizer.Replace(pattern(step), step.text("content"));
    }

    private static WordPattern pattern(JsonObject step) {
        JsonObject pattern = step.object("pattern");
        if (pattern.has("String")) {
            String content = pattern.text("String");
            if (content.isEmpty()) {
                throw new InputException(pattern.where() + ": String must not be empty; got ''");
            }
            return new WordPattern.Literal(content);
        }
        return WordPattern.of(pattern.where(), pattern.text("Regex"));
    }

    /** Returns what cuts a text into words. */
    WordSplitter splitter() {
        JsonObject step = root.optional("pre_tokenizer");
        return step == null ? new WordSplitter.Whole() : splitter(step);
    }

    private static WordSplitter splitter(JsonObject step) {
        String type = step.text("type");
        return switch (type) {
            case "ByteLevel" ->
                new WordSplitter.ByteLevel(step.truth("add_prefix_space", true), step.truth("use_regex", true));
            case "Split" -> new WordSplitter.Split(pattern(step), delimiter(step), step.truth("invert", false));
            case "Digits" -> new WordSplitter.Digits(step.truth("individual_digits", false));
            case "Metaspace" ->
                new Metaspace(step.text("replacement", "\u2581"), prefix(step), step.truth("split", true));
            case "Sequence" -> sequence(step);
            default -> throw unsupported(step, "ByteLevel, Split, Digits, Metaspace or Sequence", type);
        };
    }

    private static WordSplitter sequence(JsonObject step) {
        List<WordSplitter> steps = step.objects("pretokenizers").stream()
                .map(TokenizerSteps::splitter)
                .toList();
        for (int i = 0; i + 1 < steps.size(); i++) {
            if (endsInBytes(steps.get(i))) {
                throw new InputException(step.where() + ": ByteLevel must be the last step; got one before another");
            }
        }
        return new WordSplitter.Sequence(steps);
    }

    /** Whether words come out as the letters of their bytes. */
    static boolean endsInBytes(WordSplitter splitter) {
        return switch (splitter) {
            case WordSplitter.ByteLevel level -> true;
            case WordSplitter.Sequence(List<WordSplitter> steps) -> !steps.isEmpty() && endsInBytes(steps.getLast());
            default -> false;
        };
    }

    private static WordSplitter.Delimiter delimiter(JsonObject step) {
        String name = step.text("behavior");
        return switch (name) {
            case "Removed" -> WordSplitter.Delimiter.REMOVED;
            case "Isolated" -> WordSplitter.Delimiter.ISOLATED;
            case "MergedWithPrevious" -> WordSplitter.Delimiter.MERGED_WITH_PREVIOUS;
            case "MergedWithNext" -> WordSplitter.Delimiter.MERGED_WITH_NEXT;
            case "Contiguous" -> WordSplitter.Delimiter.CONTIGUOUS;
            default ->
                throw new InputException(step.where() + ": behavior must be Removed, Isolated, MergedWithPrevious,"
                        + " MergedWithNext or Contiguous; got " + name);
        };
    }

    private static Metaspace.Prefix prefix(JsonObject step) {
        String scheme = step.text("prepend_scheme", "always");
        Metaspace.Prefix prefix = switch (scheme) {
            case "always" -> Metaspace.Prefix.ALWAYS;
            case "first" -> Metaspace.Prefix.FIRST;
            case "never" -> Metaspace.Prefix.NEVER;
            default ->
                throw new InputException(
                        step.where() + ": prepend_scheme must be always, first or never; got " + scheme);
        };
        return step.truth("add_prefix_space", true) ? prefix : Metaspace.Prefix.NEVER;
    }

    /** Returns what turns tokens into text. */
    TokenDecoder decoder() {
        JsonObject step = root.optional("decoder");
        return step == null ? new TokenDecoder.Spaced() : decoder(step);
    }

    private static TokenDecoder decoder(JsonObject step) {
        String type = step.text("type");
        return switch (type) {
            case "ByteLevel" -> new TokenDecoder.ByteLevel();
            case "ByteFallback" -> new TokenDecoder.ByteFallback();
            case "Fuse" -> new TokenDecoder.Fuse();
            case "Replace" -> new TokenDecoder.Replace(replace(step));
            case "Strip" ->
                new TokenDecoder.Strip(letter(step), step.whole("start", 0, 1 << 20), step.whole("stop", 0, 1 << 20));
            case "Metaspace" ->
                new TokenDecoder.Blocks(step.text("replacement", "\u2581"), prefix(step) != Metaspace.Prefix.NEVER);
            case "Sequence" ->
                new TokenDecoder.Sequence(step.objects("decoders").stream()
                        .map(TokenizerSteps::decoder)
                        .toList());
            default ->
                throw unsupported(step, "ByteLevel, ByteFallback, Fuse, Replace, Strip, Metaspace or Sequence", type);
        };
    }

    private static int letter(JsonObject step) {
        String content = step.text("content");
        if (content.isEmpty() || content.codePointCount(0, content.length()) != 1) {
            throw new InputException(step.where() + ": content must be one letter; got '" + content + "'");
        }
        return content.codePointAt(0);
    }

    /** Returns the ids that the post-processor puts before every text. */
    int[] before(int largestId) {
        JsonObject step = root.optional("post_processor");
        return step == null ? new int[0] : before(step, largestId);
    }

    private static int[] before(JsonObject step, int largestId) {
        String type = step.text("type");
        return switch (type) {
            case "ByteLevel" -> new int[0];
            case "TemplateProcessing" -> template(step, largestId);
            case "Sequence" -> {
                TokenList ids = new TokenList();
                for (JsonObject processor : step.objects("processors").reversed()) {
                    ids.addAll(before(processor, largestId)); // each puts its own around what the one before made
                }
                yield ids.toArray();
            }
            default -> throw unsupported(step, "ByteLevel, TemplateProcessing or Sequence", type);
        };
    }

    private static int[] template(JsonObject step, int largestId) {
        TokenList ids = new TokenList();
        for (JsonObject piece : step.objects("single")) {
            if (piece.has("Sequence")) {
                return ids.toArray();
            }
            String name = piece.object("SpecialToken").text("id");
            for (long id : step.object("special_tokens").object(name).wholes("ids")) {
                if (id < 0 || id > largestId) {
                    throw new InputException(step.where() + ": ids must be from 0 to " + largestId + "; got " + id);
                }
                ids.add((int) id);
            }
        }
        throw new InputException(step.where() + ": single must have the text's place (Sequence); got none");
    }

    static <T> List<T> joined(List<? extends T> first, List<? extends T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static InputException unsupported(JsonObject step, String supported, String got) {
        return new InputException(step.where() + ": type must be " + supported + "; got " + got);
    }
}
