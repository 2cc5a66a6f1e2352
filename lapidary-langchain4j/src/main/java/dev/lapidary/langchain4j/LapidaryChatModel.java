package dev.lapidary.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.model.Model;

/**
 * Answers chats with a packed model, in this JVM.
 *
 * <p>Requests may set temperature, top-k, top-p, most tokens and stop texts; tools, response formats and penalties are refused.
 * The same request gets the same answer, by the seed of the options. Any number of threads may ask at once.
 */
public final class LapidaryChatModel implements ChatModel {
    private final ChatEngine engine;

    /** Makes one that uses, and does not close, a model. */
    public LapidaryChatModel(Model model, ChatTemplate template, GenerateOptions options) {
        engine = new ChatEngine(model, template, options);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return engine.defaults();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return engine.answer(request, text -> {}, Cancellation.none());
    }
}
