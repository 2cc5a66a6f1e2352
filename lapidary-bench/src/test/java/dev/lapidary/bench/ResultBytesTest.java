package dev.lapidary.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultBytesTest {
    @TempDir
    private Path folder;

    @Test
    void onlyTimesMayDiffer() throws IOException {
        Path one = result(
                "one", "{\"seconds\": 1, \"a\": {\"seconds\": 2, \"b\": 3}}", "{\"step\": 1, \"seconds\": 4}\n", "x");
        Path same = result(
                "same", "{\"seconds\": 5, \"a\": {\"seconds\": 6, \"b\": 3}}", "{\"step\": 1, \"seconds\": 7}\n", "x");
        assertThat(ResultBytes.differences(one, same)).isEmpty();

        Path other = result("other", "{\"seconds\": 1, \"a\": {\"b\": 4}}", "{\"step\": 2}\n", "y");
        assertThat(ResultBytes.differences(one, other)).containsExactly("a.json", "a.jsonl", "a.safetensors");
        Files.delete(same.resolve("a.safetensors"));
        assertThat(ResultBytes.differences(one, same)).containsExactly("a.safetensors");
        assertThat(ResultBytes.differences(one.resolve("a.jsonl"), other.resolve("a.jsonl")))
                .containsExactly("a.jsonl");
    }

    @Test
    void digestsOfFilesWithTimesMayDiffer() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path other = Files.createDirectory(folder.resolve("other"));
        Path manifest = Files.writeString(
                one.resolve("lapidary.json"),
                "{\"digest\": \"1\", \"files\": {\"metrics.json\": \"2\", \"a\": \"3\"}}");
        Path second = other.resolve("lapidary.json");
        Files.writeString(second, Files.readString(manifest).replace('1', '4').replace('2', '5'));
        assertThat(ResultBytes.differences(one, other)).isEmpty();
        Files.writeString(second, Files.readString(manifest).replace('3', '6'));
        assertThat(ResultBytes.differences(one, other)).containsExactly("lapidary.json");
    }

    private Path result(String name, String json, String lines, String bytes) throws IOException {
        Path result = Files.createDirectory(folder.resolve(name));
        Files.writeString(result.resolve("a.json"), json);
        Files.writeString(result.resolve("a.jsonl"), lines);
        Files.writeString(result.resolve("a.safetensors"), bytes);
        return result;
    }
}
