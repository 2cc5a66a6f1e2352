package dev.lapidary.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.lapidary.runtime.InputException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Rows separated by commas, tabs, semicolons or vertical bars with a header, quoted as RFC 4180 says.
 *
 * <p>The line {@code sep=;} that Excel puts in front is read as it does. Columns without a name are left out.
 *
 * @param positions of the columns that have names
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>
 */
record CsvTable(TextFile file, CsvSeparator separator, List<String> columns, List<Integer> positions) implements Table {
    private static final int READ_AHEAD = 1 << 16; // characters that the parser may hold beside a field

    /**
     * Reads the header.
     *
     * @param usual the separator that the file's name promises
     * @param asked the one that the user names
     */
    static CsvTable open(TextFile file, char usual, Optional<Character> asked) {
        Path path = file.path();
        try {
            CsvSeparator separator = CsvSeparator.of(file, usual, asked);
            try (CsvReader<CsvRecord> reader = reader(file, separator)) {
                Iterator<CsvRecord> records = reader.iterator();
                if (!records.hasNext()) {
                    throw new InputException(path + ": must have a header and rows; got only blank lines");
                }
                return of(file, separator, records.next().getFields());
            }
        } catch (CsvParseException e) {
            throw malformed(path, e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static CsvTable of(TextFile file, CsvSeparator separator, List<String> header) {
        Set<String> seen = new HashSet<>();
        List<String> names = new ArrayList<>();
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < header.size(); i++) {
            String name = LabelNames.trim(header.get(i));
            if (name.isEmpty()) {
                continue;
            }
            if (!seen.add(name)) {
                throw new InputException(
                        file.path() + ": the header must have distinct names; got '" + Names.brief(name) + "' twice");
            }
            names.add(name);
            positions.add(i);
        }
        if (names.isEmpty()) {
            throw new InputException(
                    file.path() + ": the header must name columns; got " + header.size() + " without a name");
        }
        return new CsvTable(file, separator, List.copyOf(names), List.copyOf(positions));
    }

    /** Closing it closes the file. */
    private static CsvReader<CsvRecord> reader(TextFile file, CsvSeparator separator) throws IOException {
        BufferedReader text = file.open();
        if (separator.line()) {
            text.readLine();
        }
        return CsvReader.builder()
                .fieldSeparator(separator.character())
                .maxBufferSize(DataReader.TEXT_LIMIT + READ_AHEAD)
                .ofCsvRecord(text);
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public void rows(Sink sink) {
        try (CsvReader<CsvRecord> reader = reader(file, separator)) {
            Iterator<CsvRecord> records = reader.iterator();
            records.next(); // the header
            while (records.hasNext()) {
                CsvRecord record = records.next();
                long line = record.getStartingLineNumber() + (separator.line() ? 1 : 0);
                List<String> fields = record.getFields();
                sink.row(line, positions.size() == fields.size() ? fields : named(fields));
            }
        } catch (CsvParseException e) {
            throw malformed(path(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(path() + " cannot be read", e);
        }
    }

    private List<String> named(List<String> fields) {
        return positions.stream().map(fields::get).toList();
    }

    private static InputException malformed(Path path, CsvParseException e) {
        StringBuilder what = new StringBuilder(String.valueOf(e.getMessage()));
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            what.append(": ").append(cause.getMessage());
        }
        if (what.indexOf("buffer") >= 0) {
            String place = what.substring(Math.max(0, what.lastIndexOf("(")));
            return new InputException(
                    path
                            + ": a field must be shorter than 1,000,000 characters; got a longer one or a quotation mark left"
                            + " open " + place,
                    e);
        }
        return new InputException(path + ": must be separated and quoted as RFC 4180 says; got " + what, e);
    }
}
