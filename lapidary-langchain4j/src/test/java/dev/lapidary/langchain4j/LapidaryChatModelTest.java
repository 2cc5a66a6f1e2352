package dev.lapidary.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.model.Model;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The models through langchain4j's own interfaces. */
class LapidaryChatModelTest {
    private static final GenerateOptions OPTIONS = new GenerateOptions(12, 0.9, 20, 1, List.of(), 5);

    private final Model model = TinyChat.open();

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void anAnswerIsWhatTheModelGeneratesFromTheTemplate() {
        ChatModel chat = new LapidaryChatModel(model, ChatTemplate.zephyr(), OPTIONS);
        String prompt =
                "<|system|>\nBe brief.</s>\n<|user|>\nHello</s>\n<|assistant|>\nHi</s>\n<|user|>\nWhy?</s>\n<|assistant|>\n";
        Generated direct = model.generate(prompt, new GenerateOptions(12, 0.9, 20, 1, List.of("</s>"), 5), text -> {});

        ChatResponse response = chat.chat(
                SystemMessage.from("Be brief."),
                UserMessage.from("Hello"),
                AiMessage.from("Hi"),
                UserMessage.from("Why?"));

        assertThat(response.aiMessage().text()).isEqualTo(direct.text()).isNotEmpty();
        assertThat(response.tokenUsage().inputTokenCount()).isEqualTo(direct.promptTokens());
        assertThat(response.tokenUsage().outputTokenCount()).isEqualTo(12);
        assertThat(response.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void aRequestOverridesTheOptions() {
        ChatModel chat = new LapidaryChatModel(model, ChatTemplate.plain(), OPTIONS);
        String greedy = model.generate("Hello\n", GenerateOptions.greedy(12), text -> {})
                .text();
        ChatRequest.Builder request =
                ChatRequest.builder().messages(UserMessage.from("Hello")).temperature(0.0);

        assertThat(chat.chat(request.build()).aiMessage().text()).isEqualTo(greedy);
        ChatResponse shorter = chat.chat(request.maxOutputTokens(3).build());
        assertThat(shorter.aiMessage().text()).isEqualTo(greedy.substring(0, 3));
        String stop = greedy.substring(4, 6);
        ChatResponse stopped = chat.chat(
                request.maxOutputTokens(12).stopSequences(List.of(stop)).build());
        assertThat(stopped.aiMessage().text()).isEqualTo(greedy.substring(0, greedy.indexOf(stop)));
        assertThat(stopped.finishReason()).isEqualTo(FinishReason.STOP);
    }

    @Test
    void whatPackedModelsCannotDoIsRefused() {
        ChatModel chat = new LapidaryChatModel(model, ChatTemplate.plain(), OPTIONS);
        UserMessage hello = UserMessage.from("Hello");
        ChatRequest tools = ChatRequest.builder()
                .messages(hello)
                .toolSpecifications(ToolSpecification.builder().name("clock").build())
                .build();
        ChatRequest penalty =
                ChatRequest.builder().messages(hello).frequencyPenalty(1.0).build();

        assertThatThrownBy(() -> chat.chat(tools))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("tools");
        assertThatThrownBy(() -> chat.chat(penalty)).isInstanceOf(UnsupportedFeatureException.class);
    }

    @Test
    void piecesOfAStreamedAnswerAreTheAnswer() throws Exception {
        ChatModel whole = new LapidaryChatModel(model, ChatTemplate.chatMl(), OPTIONS);
        StreamingChatModel stream = new LapidaryStreamingChatModel(model, ChatTemplate.chatMl(), OPTIONS);
        @SuppressWarnings("JdkObsolete")
        var pieces = new StringBuffer(); // filled by another thread
        var answer = new Answer() {
            @Override
            public void onPartialResponse(String text) {
                pieces.append(text);
            }
        };
        stream.chat("Hello", answer);

        assertThat(answer.text()).isEqualTo(whole.chat("Hello"));
        assertThat(pieces).hasToString(answer.text());
    }

    @Test
    void aCancelledAnswerEnds() throws Exception {
        var options = new GenerateOptions(1_000_000, 0.9, 20, 1, List.of(), 5);
        StreamingChatModel stream = new LapidaryStreamingChatModel(model, ChatTemplate.plain(), options);
        var pieces = new AtomicInteger();
        var cancelled = new CountDownLatch(1);
        var answer = new Answer() {
            @Override
            public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
                pieces.incrementAndGet();
                context.streamingHandle().cancel();
                cancelled.countDown();
            }
        };
        stream.chat("Hello", answer);

        assertThat(cancelled.await(1, TimeUnit.MINUTES)).isTrue();
        model.close(); // waits for the call under way
        assertThat(pieces).hasValue(1);
        assertThat(answer.done).isNotDone();
    }

    @Test
    void aFailureReachesTheHandler() {
        StreamingChatModel stream = new LapidaryStreamingChatModel(model, ChatTemplate.plain(), OPTIONS);
        model.close();
        var answer = new Answer();
        stream.chat("Hello", answer);

        assertThatThrownBy(answer::text).hasCauseInstanceOf(RuntimeException.class);
    }

    @Test
    void anErrorReachesTheHandlerToo() {
        StreamingChatModel stream = new LapidaryStreamingChatModel(model, ChatTemplate.plain(), OPTIONS);
        var answer = new Answer() {
            @Override
            public void onPartialResponse(String text) {
                throw new StackOverflowError("deep");
            }
        };
        stream.chat("Hello", answer);

        assertThatThrownBy(answer::text)
                .hasCauseInstanceOf(StackOverflowError.class)
                .hasMessageContaining("deep");
    }

    @Test
    void aHandlerThatFailsAtTheEndIsNotCalledAgain() throws Exception {
        StreamingChatModel stream = new LapidaryStreamingChatModel(model, ChatTemplate.plain(), OPTIONS);
        var caller = new CompletableFuture<Thread>();
        var errors = new AtomicInteger();
        var answer = new Answer() {
            @Override
            public void onCompleteResponse(ChatResponse response) {
                Thread.currentThread().setUncaughtExceptionHandler((thread, expected) -> {});
                caller.complete(Thread.currentThread());
                throw new IllegalStateException("a handler's own failure");
            }

            @Override
            public void onError(Throwable failure) {
                errors.incrementAndGet();
            }
        };
        stream.chat("Hello", answer);

        caller.get(1, TimeUnit.MINUTES).join();
        assertThat(errors).hasValue(0);
    }

    @Test
    void severalThreadsGetTheAnswersOfOne() {
        ChatModel chat = new LapidaryChatModel(model, ChatTemplate.plain(), OPTIONS);
        List<String> questions =
                IntStream.range(0, 8).mapToObj(i -> "Question " + i).toList();
        List<String> alone = questions.stream().map(chat::chat).toList();

        assertThat(questions.parallelStream().map(chat::chat).toList()).isEqualTo(alone);
    }

    private static class Answer implements StreamingChatResponseHandler {
        final CompletableFuture<ChatResponse> done = new CompletableFuture<>();

        @Override
        public void onCompleteResponse(ChatResponse response) {
            done.complete(response);
        }

        @Override
        public void onError(Throwable failure) {
            done.completeExceptionally(failure);
        }

        String text() throws Exception {
            return done.get(1, TimeUnit.MINUTES).aiMessage().text();
        }
    }
}
