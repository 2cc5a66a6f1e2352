package dev.lapidary.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.lapidary.runtime.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Rows separated by commas or tabs with a header, quoted as RFC 4180 says.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>
 */
record CsvTable(Path path, char separator, List<String> columns) implements Table {
    private static final int READ_AHEAD = 1 << 16; // characters that the parser may hold beside a field

    static CsvTable open(Path path, char separator) {
        try (CsvReader<CsvRecord> reader = reader(path, separator)) {
            Iterator<CsvRecord> records = reader.iterator();
            if (!records.hasNext()) {
                throw new InputException(path + ": must have a header and rows; got only blank lines");
            }
            List<String> names =
                    records.next().getFields().stream().map(String::strip).toList();
            Set<String> seen = new HashSet<>();
            for (String name : names) {
                if (!seen.add(name)) {
                    throw new InputException(path + ": the header must have distinct names; got '" + name + "' twice");
                }
            }
            return new CsvTable(path, separator, names);
        } catch (CsvParseException e) {
            throw malformed(path, e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    private static CsvReader<CsvRecord> reader(Path path, char separator) throws IOException {
        return CsvReader.builder()
                .fieldSeparator(separator)
                .detectBomHeader(true)
                .maxBufferSize(DataReader.TEXT_LIMIT + READ_AHEAD)
                .ofCsvRecord(path);
    }

    @Override
    public void rows(Sink sink) {
        try (CsvReader<CsvRecord> reader = reader(path, separator)) {
            Iterator<CsvRecord> records = reader.iterator();
            records.next(); // the header
            while (records.hasNext()) {
                CsvRecord record = records.next();
                sink.row(record.getStartingLineNumber(), record.getFields());
            }
        } catch (CsvParseException e) {
            throw malformed(path, e);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
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
