package dev.lapidary.runtime.token;

import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes the {@code tokenizer.json} of a tokenizer that came in another form. Call {@code added} first. */
final class TokenizerWriter {
    private static final JsonFactory JSON = new JsonFactory();
    private static final String BLOCK = String.valueOf(Metaspace.BLOCK);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), out);
    private boolean inAdded = true;

    TokenizerWriter() {
        json.writeStartObject();
        json.writeStringProperty("version", "1.0");
        json.writeArrayPropertyStart("added_tokens");
    }

    void added(int id, String content, boolean special) {
        json.writeStartObject();
        json.writeNumberProperty("id", id);
        json.writeStringProperty("content", content);
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            json.writeBooleanProperty(flag, false);
        }
        json.writeBooleanProperty("special", special);
        json.writeEndObject();
    }

    private void endAdded() {
        if (inAdded) {
            json.writeEndArray();
            inAdded = false;
        }
    }

    /** Writes a byte-level model with merges as two tokens and a space between. */
    void byteLevel(GgufWords words, List<String> tokens, List<String> merges) {
        endAdded();
        if (words.composes()) {
            step("normalizer", "NFC");
            json.writeEndObject();
        }
        step("pre_tokenizer", "Sequence");
        json.writeArrayPropertyStart("pretokenizers");
        for (String pattern : words.patterns()) {
            json.writeStartObject();
            json.writeStringProperty("type", "Split");
            json.writeObjectPropertyStart("pattern");
            json.writeStringProperty("Regex", pattern);
            json.writeEndObject();
            json.writeStringProperty("behavior", "Isolated");
            json.writeBooleanProperty("invert", false);
            json.writeEndObject();
        }
        json.writeStartObject();
        byteLevel();
        json.writeEndArray();
        json.writeEndObject();
        json.writeObjectPropertyStart("decoder");
        byteLevel();
        model(tokens, null, words.wholeWords());
        merges.forEach(json::writeString);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void byteLevel() {
        json.writeStringProperty("type", "ByteLevel");
        json.writeBooleanProperty("add_prefix_space", false);
        json.writeBooleanProperty("trim_offsets", true);
        json.writeBooleanProperty("use_regex", false);
        json.writeEndObject();
    }

    /** Writes SentencePiece's model with merges of two tokens, each of which has a rank. */
    void scored(List<String> tokens, List<String[]> merges, List<Integer> ranks, String unknown, boolean prefix) {
        endAdded();
        step("normalizer", "Sequence");
        json.writeArrayPropertyStart("normalizers");
        if (prefix) {
            json.writeStartObject();
            json.writeStringProperty("type", "Prepend");
            json.writeStringProperty("prepend", BLOCK);
            json.writeEndObject();
        }
        replace(" ", BLOCK);
        json.writeEndArray();
        json.writeEndObject();
        decoder(prefix);
        model(tokens, unknown, false);
        for (String[] merge : merges) {
            json.writeStartArray();
            json.writeString(merge[0]);
            json.writeString(merge[1]);
            json.writeEndArray();
        }
        json.writeEndArray();
        if (!ranks.isEmpty() && ranks.getLast() != ranks.size() - 1) { // some have one rank
            json.writeArrayPropertyStart(TokenizerReader.RANKS);
            ranks.forEach(json::writeNumber);
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void decoder(boolean prefix) {
        step("decoder", "Sequence");
        json.writeArrayPropertyStart("decoders");
        replace(BLOCK, " ");
        for (String type : List.of("ByteFallback", "Fuse")) {
            json.writeStartObject();
            json.writeStringProperty("type", type);
            json.writeEndObject();
        }
        if (prefix) {
            json.writeStartObject();
            json.writeStringProperty("type", "Strip");
            json.writeStringProperty("content", " ");
            json.writeNumberProperty("start", 1);
            json.writeNumberProperty("stop", 0);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void replace(String what, String content) {
        json.writeStartObject();
        json.writeStringProperty("type", "Replace");
        json.writeObjectPropertyStart("pattern");
        json.writeStringProperty("String", what);
        json.writeEndObject();
        json.writeStringProperty("content", content);
        json.writeEndObject();
    }

    /** Writes the model up to its merges, which the caller writes and ends. */
    private void model(List<String> tokens, @Nullable String unknown, boolean wholeWords) {
        step("model", "BPE");
        if (unknown != null) {
            json.writeStringProperty("unk_token", unknown);
        }
        json.writeBooleanProperty("fuse_unk", unknown != null);
        json.writeBooleanProperty("byte_fallback", unknown != null);
        json.writeBooleanProperty("ignore_merges", wholeWords);
        json.writeObjectPropertyStart("vocab");
        for (int i = 0; i < tokens.size(); i++) {
            json.writeNumberProperty(tokens.get(i), i);
        }
        json.writeEndObject();
        json.writeArrayPropertyStart("merges");
    }

    /** Writes that a token stands before every text. */
    void before(String token, int id) {
        step("post_processor", "TemplateProcessing");
        json.writeArrayPropertyStart("single");
        for (String kind : List.of("SpecialToken", "Sequence")) {
            json.writeStartObject();
            json.writeObjectPropertyStart(kind);
            json.writeStringProperty("id", kind.equals("Sequence") ? "A" : token);
            json.writeNumberProperty("type_id", 0);
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("pair");
        for (String text : List.of("A", "B")) {
            json.writeStartObject();
            json.writeObjectPropertyStart("Sequence");
            json.writeStringProperty("id", text);
            json.writeNumberProperty("type_id", text.equals("A") ? 0 : 1);
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectPropertyStart("special_tokens");
        json.writeObjectPropertyStart(token);
        json.writeStringProperty("id", token);
        json.writeArrayPropertyStart("ids");
        json.writeNumber(id);
        json.writeEndArray();
        json.writeArrayPropertyStart("tokens");
        json.writeString(token);
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndObject();
    }

    private void step(String name, String type) {
        json.writeObjectPropertyStart(name);
        json.writeStringProperty("type", type);
    }

    byte[] bytes() {
        json.writeEndObject();
        json.close();
        return out.toByteArray();
    }
}
