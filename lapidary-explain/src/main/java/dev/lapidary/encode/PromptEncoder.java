package dev.lapidary.encode;

import dev.lapidary.data.EmbeddingMatrix;
import dev.lapidary.data.UnitVector;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import dev.lapidary.runtime.file.Sha256;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Embeds names of classes and concepts inside sentences: every template's sentence is embedded and scaled to length 1, and their
 * mean is scaled to length 1 again. Encoders trained on captions know sentences better than bare names.
 *
 * <p>Closing it closes the inner encoder.
 *
 * @see <a href="https://arxiv.org/abs/2103.00020">Radford et al., CLIP, section 3.1.4: prompt engineering and ensembling</a>
 */
public final class PromptEncoder implements TextEncoder {
    /** Where a template has the name. */
    public static final String NAME = "{}";

    /** The one template of bare names. */
    public static final List<String> BARE = List.of(NAME);

    private static final int BLOCK = 4096; // sentences embedded at a time
    private static final int MOST_TEMPLATES = 1000;
    private static final int LONGEST_TEMPLATE = 1000; // letters

    private final TextEncoder inner;
    private final List<String> templates;

    private PromptEncoder(TextEncoder inner, List<String> templates) {
        this.inner = inner;
        this.templates = templates;
    }

    /**
     * Returns an encoder of names; the inner one itself where the only template is that of bare names.
     *
     * @param templates sentences with {@code {}} in the name's place
     * @throws InputException where a template has no place for the name
     */
    public static TextEncoder of(TextEncoder inner, List<String> templates) {
        return templates.equals(BARE) ? inner : new PromptEncoder(inner, checked(templates));
    }

    /** Checks templates and returns them. */
    public static List<String> checked(List<String> templates) {
        if (templates.isEmpty() || templates.size() > MOST_TEMPLATES) {
            throw new InputException(
                    "there must be from 1 to " + MOST_TEMPLATES + " prompt templates; got " + templates.size());
        }
        for (String template : templates) {
            if (!template.contains(NAME) || template.length() > LONGEST_TEMPLATE) {
                throw new InputException("a prompt template must have {} in the name's place and at most "
                        + LONGEST_TEMPLATE + " letters; got "
                        + (template.length() > LONGEST_TEMPLATE ? template.length() + " letters" : template));
            }
        }
        return List.copyOf(templates);
    }

    @Override
    public String name() {
        return inner.name();
    }

    /** SHA-256 over the inner encoder's digest and the templates. */
    @Override
    public String digest() {
        MessageDigest digest = Sha256.digest();
        Sha256.field(digest, "lapidary prompts");
        Sha256.field(digest, inner.digest());
        templates.forEach(template -> Sha256.field(digest, template));
        return Sha256.hex(digest);
    }

    @Override
    public int width() {
        return inner.width();
    }

    @Override
    public int maxTokens() {
        return inner.maxTokens();
    }

    @Override
    public EncodedTexts encode(List<String> names, Progress progress) {
        EmbeddingMatrix matrix = EmbeddingMatrix.allocate(names.size(), width());
        try {
            int[] tokens = new int[names.size()];
            BitSet truncated = new BitSet();
            int block = Math.max(1, BLOCK / templates.size());
            for (int start = 0; start < names.size(); start += block) {
                List<String> some = names.subList(start, Math.min(start + block, names.size()));
                try (EncodedTexts encoded = inner.encode(sentences(some), progress)) {
                    average(encoded, start, some.size(), matrix);
                    count(encoded, start, tokens, truncated);
                }
            }
            return new EncodedTexts(matrix, new EncodedTexts.PerText(tokens, truncated));
        } catch (RuntimeException | Error e) {
            matrix.close();
            throw e;
        }
    }

    /** Every name in every template, the templates of one name together. */
    private List<String> sentences(List<String> names) {
        List<String> sentences = new ArrayList<>(names.size() * templates.size());
        for (String name : names) {
            templates.forEach(template -> sentences.add(template.replace(NAME, name)));
        }
        return sentences;
    }

    private void average(EncodedTexts encoded, int first, int names, EmbeddingMatrix matrix) {
        for (int i = 0; i < names; i++) {
            float[] sum = new float[width()];
            for (int t = 0; t < templates.size(); t++) {
                float[] unit = UnitVector.of(encoded.embeddings().row(i * templates.size() + t));
                for (int j = 0; j < sum.length; j++) {
                    sum[j] += unit[j];
                }
            }
            matrix.set(first + i, UnitVector.of(sum)); // the mean's direction is the sum's
        }
    }

    private void count(EncodedTexts encoded, int first, int[] tokens, BitSet truncated) {
        EncodedTexts.PerText counts = encoded.perText();
        if (counts == null) {
            return;
        }
        for (int k = 0; k < counts.tokens().length; k++) {
            int name = first + k / templates.size();
            tokens[name] += counts.tokens()[k];
            if (counts.truncated().get(k)) {
                truncated.set(name);
            }
        }
    }

    @Override
    public void close() {
        inner.close();
    }
}
