package dev.lapidary.concept.vocabulary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lapidary.concept.ConceptSet;
import dev.lapidary.concept.vocabulary.ChatProposer.Endpoint;
import dev.lapidary.concept.vocabulary.ChatProposer.Limits;
import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.Progress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatProposerTest {
    private static final Limits SHORT = new Limits(Duration.ofMinutes(5), Duration.ofMillis(700), 10_000);
    private static final Limits LONG = new Limits(Duration.ofMinutes(5), Duration.ofMinutes(5), 10_000);
    private static final String KEY = "sk-verysecret";

    private final ConcurrentLinkedQueue<String> questions = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> keys = new ConcurrentLinkedQueue<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private ExecutorService workers;
    private HttpServer server;

    /** Answers one request. */
    @FunctionalInterface
    private interface Answer {
        void to(HttpExchange exchange) throws IOException;
    }

    @BeforeEach
    void startServer() throws IOException {
        workers = Executors.newVirtualThreadPerTaskExecutor();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(workers);
        server.start();
    }

    @AfterEach
    void stopServer() {
        end.countDown();
        server.stop(0);
        workers.shutdownNow();
    }

    private ChatProposer proposer(Limits limits, Answer answer) {
        server.createContext("/v1/chat/completions", exchange -> {
            try (exchange) {
                JsonNode asked =
                        JsonMapper.shared().readTree(exchange.getRequestBody().readAllBytes());
                assertThat(asked.get("model").stringValue()).isEqualTo("tiny");
                questions.add(asked.at("/messages/0/content").stringValue());
                keys.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
                answer.to(exchange);
            }
        });
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1/");
        return new ChatProposer(
                new Endpoint(url, "tiny", Optional.of("CHAT_KEY")),
                limits,
                Progress.silent(),
                Map.of("CHAT_KEY", KEY)::get);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String completion(String content) {
        return JsonMapper.shared()
                .writeValueAsString(Map.of(
                        "id",
                        "x",
                        "choices",
                        List.of(Map.of("message", Map.of("role", "assistant", "content", content)))));
    }

    @Test
    void asksThreeQuestionsForEachClass() {
        ChatProposer proposer = proposer(LONG, exchange -> {
            int number = questions.size();
            send(exchange, 200, completion("Here you go:\n1. Goal net " + number + "\n2. **Jersey** - a shirt\n"));
        });
        ConceptSet set = proposer.propose(List.of("Sports", "World"));
        assertThat(questions).hasSize(6);
        assertThat(questions)
                .filteredOn(question -> question.contains("\"Sports\""))
                .hasSize(3);
        assertThat(keys).containsOnly("Bearer " + KEY);
        assertThat(set.names())
                .containsExactly(
                        "Goal net 1", "Goal net 2", "Goal net 3", "Goal net 4", "Goal net 5", "Goal net 6", "Jersey");
        assertThat(set.concepts().get(0).source()).isEqualTo("chat:tiny feature of Sports");
        assertThat(set.concepts().get(3).source()).isEqualTo("chat:tiny seen around of World");
    }

    @Test
    void saysTheStatusAndTheBeginningOfTheAnswerButNeverTheKey() {
        ChatProposer proposer =
                proposer(LONG, exchange -> send(exchange, 500, "no\n luck with " + KEY + " " + "y".repeat(500)));
        assertThatThrownBy(() -> proposer.propose(List.of("Sports")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("status 200; got 500 no luck with *** yyy")
                .hasMessageEndingWith("…")
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(KEY).hasSizeLessThan(320));
        assertThat(questions).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>hello</html>", "{\"choices\":", "{} {}", "{\"a\":1,\"a\":2}", ""})
    void refusesWhatIsNotJson(String body) {
        ChatProposer proposer = proposer(LONG, exchange -> send(exchange, 200, body));
        assertThatThrownBy(() -> proposer.propose(List.of("Sports"))).isInstanceOf(InputException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "{\"choices\":[]}", "{\"choices\":[{\"message\":{\"content\":null}}]}"})
    void refusesJsonWithoutAnAnswer(String body) {
        ChatProposer proposer = proposer(LONG, exchange -> send(exchange, 200, body));
        assertThatThrownBy(() -> proposer.propose(List.of("Sports")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must have the text choices[0].message.content; got " + body);
    }

    @Test
    void stopsReadingAnEndlessAnswer() {
        ChatProposer proposer = proposer(LONG, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            byte[] block = new byte[4096];
            while (end.getCount() > 0) {
                out.write(block);
            }
        });
        assertThatThrownBy(() -> proposer.propose(List.of("Sports")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must answer with at most 10000 bytes; got ");
    }

    @Test
    void givesUpOnASilentServer() {
        ChatProposer proposer = proposer(SHORT, exchange -> await());
        assertThatThrownBy(() -> proposer.propose(List.of("Sports")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must answer within 0.7 s");
    }

    @Test
    void givesUpOnAnAnswerThatNeverEnds() {
        ChatProposer proposer = proposer(SHORT, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('{');
            exchange.getResponseBody().flush();
            await();
        });
        assertThatThrownBy(() -> proposer.propose(List.of("Sports")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must answer within 0.7 s");
    }

    private void await() {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void doesNotFollowARedirectWithTheKey() {
        ChatProposer proposer = proposer(LONG, exchange -> {
            exchange.getResponseHeaders().add("Location", "/v1/elsewhere");
            exchange.sendResponseHeaders(302, -1);
        });
        assertThatThrownBy(() -> proposer.propose(List.of("Sports"))).hasMessageContaining("got 302");
    }

    @Test
    void saysThatNobodyListens() {
        int port = server.getAddress().getPort();
        server.stop(0);
        Endpoint endpoint = new Endpoint(URI.create("http://127.0.0.1:" + port), "tiny", Optional.empty());
        assertThatThrownBy(() -> new ChatProposer(endpoint, Progress.silent()).propose(List.of("Sports")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("ConnectException");
    }

    @Test
    void asksForTheKeyByItsVariable() {
        Endpoint endpoint = new Endpoint(URI.create("https://chat.example/v1"), "tiny", Optional.of("CHAT_KEY"));
        assertThatThrownBy(
                        () -> new ChatProposer(endpoint, LONG, Progress.silent(), name -> null).propose(List.of("a")))
                .isInstanceOf(InputException.class)
                .hasMessage("environment variable CHAT_KEY must hold the key of the chat endpoint; got none");
        assertThatThrownBy(() ->
                        new ChatProposer(endpoint, LONG, Progress.silent(), name -> "se cret").propose(List.of("a")))
                .isInstanceOf(InputException.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("se cret"));
    }

    @Test
    void sendsAKeyOverPlainHttpToThisMachineOnly() {
        Endpoint endpoint = new Endpoint(URI.create("http://chat.example/v1"), "tiny", Optional.of("CHAT_KEY"));
        assertThatThrownBy(() -> new ChatProposer(endpoint, LONG, Progress.silent(), name -> KEY).propose(List.of("a")))
                .isInstanceOf(InputException.class)
                .hasMessage("a key must go over https or to this machine; got http://chat.example/v1");
    }

    @Test
    void refusesAddressesThatCannotBeAsked() {
        for (String url :
                new String[] {"ftp://x.example", "file:///etc/passwd", "chat.example", "http://u:p@x.example"}) {
            assertThatThrownBy(() -> new Endpoint(URI.create(url), "tiny", Optional.empty()))
                    .as(url)
                    .isInstanceOf(InputException.class);
        }
        assertThatThrownBy(() -> new Endpoint(URI.create("http://x.example"), " ", Optional.empty()))
                .hasMessageContaining("model name");
    }

    @Test
    void takesConceptsOutOfAnswers() {
        assertThat(ChatLines.concepts("""
                        <think>Birds have
                        - thoughts</think>
                        Sure, here is a list of features for you to consider today:

                        1. Adjustable Beak
                        2) BIG claws.
                        (3) hollow bones (light)
                        - *Feathers*: for flight
                        • JFK airport – nearby
                        * big claws
                        a) 3D wing shape
                        10. 1990s plumage
                        ---
                        x-ray vision
                        I hope that this list of features helps you a lot!
                        """))
                .containsExactly(
                        "Adjustable Beak",
                        "BIG claws",
                        "hollow bones",
                        "Feathers",
                        "JFK airport",
                        "3D wing shape",
                        "1990s plumage",
                        "x-ray vision");
        assertThat(ChatLines.concepts("wing, Beak, A-frame,")).containsExactly("wing", "Beak", "A-frame");
        assertThat(ChatLines.concepts("")).isEmpty();
    }

    /** Each of these took hours, or ended in a StackOverflowError, when an expression read the whole line. */
    @Test
    void longLinesAreReadInOnePass() {
        int letters = 300_000;
        assertThat(ChatLines.concepts("a" + " ".repeat(letters) + "b")).containsExactly("a b");
        assertThat(ChatLines.concepts("- ".repeat(letters) + "wing")).containsExactly("wing");
        assertThat(ChatLines.concepts("a" + ".".repeat(letters) + "b")).containsExactly("a" + ".".repeat(letters) + "b");
        assertThat(ChatLines.concepts("<think>".repeat(letters / 7) + "\nwing")).contains("wing");
        assertThat(ChatLines.concepts("wing" + " -a".repeat(letters) + " - b")).isEmpty(); // too many words
        assertThat(ChatLines.concepts("1) ".repeat(letters))).isEmpty();
    }
}
