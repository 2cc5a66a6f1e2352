package dev.lapidary.concept.vocabulary;

import dev.lapidary.concept.ConceptSet;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Proposes concepts by asking a chat model behind any OpenAI-compatible endpoint that the user names: three questions for each
 * class, after those of Label-free CBM and Sparse-CBM (features that matter for recognising it; what is commonly seen around it;
 * what it is a kind of).
 *
 * <p>Nothing is sent but the class names. The key is read from an environment variable at the time of asking, sent only over https
 * or to this machine, and never logged nor shown. Redirects are not followed. Any failure is one clear {@link InputException}.
 */
public final class ChatProposer implements ConceptProposer {
    private static final int EXCERPT = 200;

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Endpoint endpoint;
    private final Limits limits;
    private final Progress progress;
    private final Function<String, @Nullable String> environment;

    /**
     * Where to ask.
     *
     * @param url base such as {@code http://localhost:11434/v1}, to which {@code /chat/completions} is added where it is not there
     * @param model the model's name at that endpoint
     * @param keyVariable name of the environment variable that holds the key, or empty where none is needed
     */
    public record Endpoint(URI url, String model, Optional<String> keyVariable) {
        /** Refuses what cannot be asked. */
        public Endpoint {
            String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
            if (!(scheme.equals("http") || scheme.equals("https")) || url.getHost() == null) {
                throw new InputException("a chat endpoint must be an http or https address; got " + url);
            }
            if (url.getUserInfo() != null) {
                throw new InputException("a chat endpoint must not have a password in its address; got one");
            }
            if (model.isBlank()) {
                throw new InputException("a chat endpoint must have a model name; got a blank one");
            }
        }

        private URI completions() {
            String base = url.toString().replaceAll("/+$", "");
            return base.endsWith("/chat/completions") ? URI.create(base) : URI.create(base + "/chat/completions");
        }

        private boolean mayCarryKey() {
            String host = url.getHost();
            return "https".equalsIgnoreCase(url.getScheme())
                    || List.of("localhost", "127.0.0.1", "[::1]").contains(host);
        }
    }

    /**
     * How long and how much.
     *
     * @param connect time to connect
     * @param answer time for one whole answer, its body included
     * @param bytes largest answer
     */
    record Limits(Duration connect, Duration answer, int bytes) {
        static final Limits DEFAULT = new Limits(Duration.ofSeconds(10), Duration.ofSeconds(120), 1 << 20);
    }

    /** The questions, in this project's own words. */
    private enum Question {
        FEATURES(
                "feature",
                "Name the features that matter most for recognising something as belonging to the category \"%s\"."),
        AROUND(
                "seen around",
                "Name things that are commonly seen, mentioned or found together with the category \"%s\"."),
        GENERAL("generalisation", "Name broader categories of which \"%s\" is a special case.");

        private static final String FORM =
                " Answer with a plain list, one short noun phrase of at most four words on each line, and nothing else.";

        private final String label;
        private final String text;

        Question(String label, String text) {
            this.label = label;
            this.text = text;
        }
    }

    /** Asks an endpoint; the key, where there is one, comes from the process's environment. */
    public ChatProposer(Endpoint endpoint, Progress progress) {
        this(endpoint, Limits.DEFAULT, progress, System::getenv);
    }

    ChatProposer(Endpoint endpoint, Limits limits, Progress progress, Function<String, @Nullable String> environment) {
        this.endpoint = endpoint;
        this.limits = limits;
        this.progress = progress;
        this.environment = environment;
    }

    @Override
    public ConceptSet propose(List<String> classes) {
        Optional<String> key = endpoint.keyVariable().map(this::key);
        List<ConceptSet> answers = new ArrayList<>();
        HttpClient client = HttpClient.newBuilder()
                .connectTimeout(limits.connect())
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        try (Progress.Task task =
                progress.start("asking " + endpoint.model(), (long) classes.size() * Question.values().length)) {
            for (Question question : Question.values()) {
                for (String name : classes) {
                    String source = "chat:%s %s of %s".formatted(endpoint.model(), question.label, name);
                    String answer = ask(client, question.text.formatted(name) + Question.FORM, key);
                    answers.add(ConceptSet.of(source, ChatLines.concepts(answer)));
                    task.advance(1);
                }
            }
        } finally {
            client.shutdownNow();
        }
        return ConceptSet.merge(answers);
    }

    private String key(String variable) {
        String value = environment.apply(variable);
        if (value == null || value.isBlank()) {
            throw new InputException(
                    "environment variable %s must hold the key of the chat endpoint; got none".formatted(variable));
        }
        String key = value.strip();
        if (!key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new InputException("environment variable %s must hold a key of printable ASCII characters; got others"
                    .formatted(variable));
        }
        if (!endpoint.mayCarryKey()) {
            throw new InputException("a key must go over https or to this machine; got " + endpoint.url());
        }
        return key;
    }

    private String ask(HttpClient client, String question, Optional<String> key) {
        Map<String, Object> body = Map.of(
                "model",
                endpoint.model(),
                "temperature",
                0,
                "messages",
                List.of(Map.of("role", "user", "content", question)));
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.completions())
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
        key.ifPresent(value -> request.header("Authorization", "Bearer " + value));
        HttpResponse<byte[]> response = send(client, request.build());
        if (response.statusCode() != 200) {
            throw new InputException("%s: a chat endpoint must answer with status 200; got %d %s"
                    .formatted(endpoint.url(), response.statusCode(), excerpt(response.body(), key)));
        }
        return content(response.body(), key);
    }

    private HttpResponse<byte[]> send(HttpClient client, HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> future = client.sendAsync(
                request, HttpResponse.BodyHandlers.limiting(HttpResponse.BodyHandlers.ofByteArray(), limits.bytes()));
        try {
            return future.get(limits.answer().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new InputException(
                    "%s: a chat endpoint must answer within %s s; got nothing whole"
                            .formatted(endpoint.url(), limits.answer().toMillis() / 1000.0),
                    e);
        } catch (ExecutionException e) {
            throw new InputException(
                    "%s: a chat endpoint must answer with at most %d bytes; got %s"
                            .formatted(endpoint.url(), limits.bytes(), reason(e.getCause())),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("stopped while asking " + endpoint.url(), e);
        } finally {
            future.cancel(true);
        }
    }

    private static String reason(@Nullable Throwable cause) {
        if (cause instanceof IOException && cause.getMessage() != null) {
            return cause.getMessage();
        }
        return cause == null ? "no answer" : cause.getClass().getSimpleName();
    }

    private String content(byte[] body, Optional<String> key) {
        JsonNode content;
        try {
            content = JSON.readTree(body).at("/choices/0/message/content");
        } catch (JacksonException e) {
            throw new InputException(
                    "%s: a chat endpoint must answer with JSON; got %s".formatted(endpoint.url(), excerpt(body, key)),
                    e);
        }
        if (!content.isString()) {
            throw new InputException("%s: a chat answer must have the text choices[0].message.content; got %s"
                    .formatted(endpoint.url(), excerpt(body, key)));
        }
        return content.stringValue();
    }

    /** Returns the beginning on one line; a server that repeats the key does not make us show it. */
    private static String excerpt(byte[] body, Optional<String> key) {
        String text = new String(body, StandardCharsets.UTF_8);
        String hidden = key.map(value -> text.replace(value, "***")).orElse(text);
        String line = hidden.replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
        return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT) + "…";
    }
}
