package dev.lapidary.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.generate.Generated;
import dev.lapidary.runtime.model.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Answers requests with a model; what a request does not say is taken from the options. */
record ChatEngine(Model model, ChatTemplate template, GenerateOptions options) {

    ChatRequestParameters defaults() {
        return ChatRequestParameters.builder()
                .maxOutputTokens(options.maxTokens())
                .temperature(options.temperature())
                .topK(options.topK())
                .topP(options.topP())
                .stopSequences(options.stops())
                .build();
    }

    ChatResponse answer(ChatRequest request, Consumer<String> onText, Cancellation cancellation) {
        require(request);
        Generated generated =
                model.generate(template.render(request.messages()), options(request), onText, cancellation);
        return ChatResponse.builder()
                .aiMessage(AiMessage.from(generated.text()))
                .tokenUsage(new TokenUsage(generated.promptTokens(), generated.tokens()))
                .finishReason(generated.finish() == Generated.Finish.LENGTH ? FinishReason.LENGTH : FinishReason.STOP)
                .build();
    }

    private static void require(ChatRequest request) {
        refuse("tools", isSet(request.toolSpecifications()));
        refuse("a response format", request.responseFormat() != null);
        refuse("a frequency penalty", request.frequencyPenalty() != null);
        refuse("a presence penalty", request.presencePenalty() != null);
    }

    private static boolean isSet(@Nullable List<?> list) {
        return list != null && !list.isEmpty();
    }

    private static void refuse(String what, boolean wanted) {
        if (wanted) {
            throw new UnsupportedFeatureException("packed models do not support " + what);
        }
    }

    private GenerateOptions options(ChatRequest request) {
        List<String> stops = new ArrayList<>(template.stops());
        stops.addAll(Objects.requireNonNullElse(request.stopSequences(), options.stops()));
        return new GenerateOptions(
                Objects.requireNonNullElse(request.maxOutputTokens(), options.maxTokens()),
                Objects.requireNonNullElse(request.temperature(), options.temperature()),
                Objects.requireNonNullElse(request.topK(), options.topK()),
                Objects.requireNonNullElse(request.topP(), options.topP()),
                stops,
                options.seed());
    }
}
