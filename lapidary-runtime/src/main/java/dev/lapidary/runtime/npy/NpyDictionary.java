package dev.lapidary.runtime.npy;

import dev.lapidary.runtime.InputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Python dictionary of an npy header, read by a grammar of its own and never evaluated: the keys descr, fortran_order and
 * shape, each once, in any order.
 */
record NpyDictionary(String descr, boolean fortran, List<Long> shape) {
    static NpyDictionary parse(String where, String text) {
        return new Parser(where, text).dictionary();
    }

    private static final class Parser {
        private final String where;
        private final String text;
        private int at;

        Parser(String where, String text) {
            this.where = where;
            this.text = text;
        }

        NpyDictionary dictionary() {
            String descr = null;
            Boolean fortran = null;
            List<Long> shape = null;
            expect('{');
            while (!accept('}')) {
                String key = string();
                expect(':');
                switch (key) {
                    case "descr" -> descr = once(descr, descr(), key);
                    case "fortran_order" -> fortran = once(fortran, bool(), key);
                    case "shape" -> shape = once(shape, tuple(), key);
                    default -> throw malformed("have the keys descr, fortran_order and shape only", "'" + key + "'");
                }
                if (!accept(',')) {
                    expect('}');
                    break;
                }
            }
            skipSpace();
            if (at < text.length()) {
                throw malformed("end after one dictionary", "more");
            }
            if (descr == null || fortran == null || shape == null) {
                throw malformed("have the keys descr, fortran_order and shape", "fewer");
            }
            return new NpyDictionary(descr, fortran, shape);
        }

        private <T> T once(@Nullable T before, T now, String key) {
            if (before != null) {
                throw malformed("have each key once", "'" + key + "' twice");
            }
            return now;
        }

        private String descr() {
            skipSpace();
            if (at < text.length() && text.charAt(at) == '[') {
                throw malformed("describe one type for all elements", "a record of several");
            }
            return string();
        }

        private String string() {
            skipSpace();
            char quote = at < text.length() ? text.charAt(at) : ' ';
            int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
            if (end < 0 || text.substring(at, end).indexOf('\\') >= 0) {
                throw malformed("have a plain quoted string at position " + at, here());
            }
            String value = text.substring(at + 1, end);
            at = end + 1;
            return value;
        }

        private boolean bool() {
            skipSpace();
            for (boolean value : new boolean[] {true, false}) {
                String word = value ? "True" : "False";
                if (text.startsWith(word, at)) {
                    at += word.length();
                    return value;
                }
            }
            throw malformed("have True or False at position " + at, here());
        }

        private List<Long> tuple() {
            expect('(');
            List<Long> values = new ArrayList<>();
            boolean comma = true;
            while (!accept(')')) {
                if (!comma) {
                    throw malformed("have a comma or ) at position " + at, here());
                }
                values.add(size());
                comma = accept(',');
            }
            if (values.size() == 1 && !comma) {
                throw malformed("have a tuple as shape", "a number in parentheses");
            }
            return List.copyOf(values);
        }

        private long size() {
            skipSpace();
            int begin = at;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            int digits = at - begin;
            // 18 digits always fit a long
            if (digits == 0 || digits > 18) {
                at = begin;
                throw malformed("have a size of 1 to 18 digits at position " + at, here());
            }
            long value = Long.parseLong(text, begin, at, 10);
            if (at < text.length() && text.charAt(at) == 'L') {
                at++; // a long as Python 2 wrote it
            }
            return value;
        }

        private void expect(char wanted) {
            if (!accept(wanted)) {
                throw malformed("have " + wanted + " at position " + at, here());
            }
        }

        private boolean accept(char wanted) {
            skipSpace();
            if (at < text.length() && text.charAt(at) == wanted) {
                at++;
                return true;
            }
            return false;
        }

        private void skipSpace() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private String here() {
            if (at >= text.length()) {
                return "its end";
            }
            char c = text.charAt(at);
            return c > ' ' && c < 0x7f ? "" + c : "character " + (int) c;
        }

        private InputException malformed(String must, String got) {
            return new InputException(where + ": npy header must " + must + "; got " + got);
        }
    }
}
