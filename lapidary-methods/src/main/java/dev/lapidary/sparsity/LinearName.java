package dev.lapidary.sparsity;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a linear weight stands in a decoder, read off its name.
 *
 * @param block index of the block, −1 where the name has none
 * @param kind which linear of the block, such as {@code self_attn.q_proj}; the whole name where it has no block
 */
public record LinearName(int block, String kind) {
    private static final Pattern NAME = Pattern.compile("(?:.*\\.)?(?:layers|h)\\.([0-9]{1,6})\\.(.+?)(?:\\.weight)?");

    /** Reads a name such as {@code model.layers.3.mlp.up_proj.weight}. */
    public static LinearName of(String weight) {
        Matcher parts = NAME.matcher(weight);
        return parts.matches()
                ? new LinearName(Integer.parseInt(parts.group(1)), parts.group(2))
                : new LinearName(-1, weight);
    }
}
