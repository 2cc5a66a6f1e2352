package dev.lapidary.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.lapidary.runtime.Cancellation;
import dev.lapidary.runtime.generate.GenerateOptions;
import dev.lapidary.runtime.model.Model;
import java.util.concurrent.CancellationException;

/**
 * Answers chats with a packed model, piece by piece; otherwise as {@link LapidaryChatModel}.
 *
 * <p>A request returns at once; the answer comes from a virtual thread. A cancelled answer ends without a further call.
 */
public final class LapidaryStreamingChatModel implements StreamingChatModel {
    private final ChatEngine engine;

    /** Makes one that uses, and does not close, a model. */
    public LapidaryStreamingChatModel(Model model, ChatTemplate template, GenerateOptions options) {
        engine = new ChatEngine(model, template, options);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return engine.defaults();
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Thread.ofVirtual().name("lapidary-chat").start(() -> answer(request, handler));
    }

    private void answer(ChatRequest request, StreamingChatResponseHandler handler) {
        var handle = new Handle(new Cancellation());
        var context = new PartialResponseContext(handle);
        ChatResponse response;
        try {
            response = engine.answer(
                    request,
                    text -> handler.onPartialResponse(new PartialResponse(text), context),
                    handle.cancellation());
        } catch (CancellationException wanted) {
            return; // whoever cancelled expects no more
        } catch (Throwable failure) { // errors too: the handler would wait for ever
            handler.onError(failure);
            return;
        }
        handler.onCompleteResponse(response);
    }

    private record Handle(Cancellation cancellation) implements StreamingHandle {
        @Override
        public void cancel() {
            cancellation.cancel();
        }

        @Override
        public boolean isCancelled() {
            return cancellation.requested();
        }
    }
}
