package dev.lapidary.runtime.token;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds added tokens in a text: from the left, of those that start at one place the longest. */
final class AddedTokens {
    private final Node root = new Node();
    private final BitSet firsts = new BitSet(); // the first chars of all tokens
    private final int onlyFirst; // the first char where all tokens share one, or -1

    private static final class Node {
        private final Map<Character, Node> children = new HashMap<>();
        private @Nullable AddedToken token;
    }

    /** Takes what a search finds, from left to right and without a gap. */
    interface Parts {
        void text(int from, int to);

        void token(int id);
    }

    /** Finds tokens by the given contents, of which none is empty; of two with one content, the first counts. */
    AddedTokens(List<String> contents, List<AddedToken> tokens) {
        for (int i = 0; i < tokens.size(); i++) {
            String content = contents.get(i);
            Node node = root;
            for (int k = 0; k < content.length(); k++) {
                node = node.children.computeIfAbsent(content.charAt(k), c -> new Node());
            }
            if (node.token == null) {
                node.token = tokens.get(i);
            }
            firsts.set(content.charAt(0));
        }
        this.onlyFirst = firsts.cardinality() == 1 ? firsts.nextSetBit(0) : -1;
    }

    /** Divides a text that is not empty. */
    void divide(String text, Parts parts) {
        int done = 0;
        int at = next(text, 0);
        while (at < text.length()) {
            Match match = longest(text, at);
            if (match == null) {
                at = next(text, at + 1);
                continue;
            }
            if (counts(match, text, at)) {
                int start = match.token.stripLeft() ? Math.max(done, spacesBefore(text, at)) : at;
                if (done < start) {
                    parts.text(done, start);
                }
                parts.token(match.token.id());
                done = match.token.stripRight() ? spacesFrom(text, match.end) : match.end;
            }
            at = next(text, match.end);
        }
        if (done < text.length()) {
            parts.text(done, text.length());
        }
    }

    private record Match(AddedToken token, int end) {}

    private int next(String text, int from) {
        if (onlyFirst >= 0) {
            int at = text.indexOf(onlyFirst, from);
            return at < 0 ? text.length() : at;
        }
        int at = firsts.isEmpty() ? text.length() : from;
        while (at < text.length() && !firsts.get(text.charAt(at))) {
            at++;
        }
        return at;
    }

    private @Nullable Match longest(String text, int from) {
        Match longest = null;
        Node node = root.children.get(text.charAt(from));
        for (int at = from + 1; node != null; at++) {
            if (node.token != null) {
                longest = new Match(node.token, at);
            }
            node = at < text.length() ? node.children.get(text.charAt(at)) : null;
        }
        return longest;
    }

    private static boolean counts(Match match, String text, int start) {
        return !match.token.singleWord()
                || !(start > 0 && LetterKind.word(text.codePointBefore(start)))
                        && !(match.end < text.length() && LetterKind.word(text.codePointAt(match.end)));
    }

    private static int spacesBefore(String text, int to) {
        int at = to;
        while (at > 0 && LetterKind.at(text, at - 1) >= LetterKind.SPACE) {
            at--;
        }
        return at;
    }

    private static int spacesFrom(String text, int from) {
        return LetterKind.spaces(text, from, text.length());
    }
}
