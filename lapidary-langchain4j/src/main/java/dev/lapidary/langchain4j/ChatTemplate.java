package dev.lapidary.langchain4j;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.lapidary.runtime.InputException;
import java.util.List;

/**
 * Writes the messages of a chat as the text that a model was trained to answer: a text before and after each message by its
 * role, and what begins an answer.
 *
 * <p>Templates of Hugging Face folders are programs in a language of their own (Jinja) and are not run; these are the forms that
 * most of them produce. The token that begins a text is not part of it: the tokenizer adds that.
 *
 * @param system around a message of the system: what stands before it, what behind
 * @param user around a message of the user
 * @param assistant around an answer; what stands before it also ends the whole text
 * @param stops texts that end an answer and are not part of it
 */
public record ChatTemplate(Frame system, Frame user, Frame assistant, List<String> stops) {
    /** What stands before and after a message. */
    public record Frame(String before, String after) {
        String around(String text) {
            return before + text + after;
        }
    }

    /** Copies the list. */
    public ChatTemplate {
        stops = List.copyOf(stops);
    }

    /** Returns the messages as they are, a line each, for models that were trained on text alone. */
    public static ChatTemplate plain() {
        return new ChatTemplate(new Frame("", "\n"), new Frame("", "\n"), new Frame("", "\n"), List.of());
    }

    /** Returns ChatML, of Qwen, SmolLM and many others. */
    public static ChatTemplate chatMl() {
        String end = "<|im_end|>\n";
        return new ChatTemplate(
                new Frame("<|im_start|>system\n", end),
                new Frame("<|im_start|>user\n", end),
                new Frame("<|im_start|>assistant\n", end),
                List.of("<|im_end|>"));
    }

    /** Returns the form of TinyLlama's chat models and of Zephyr. */
    public static ChatTemplate zephyr() {
        String end = "</s>\n";
        return new ChatTemplate(
                new Frame("<|system|>\n", end),
                new Frame("<|user|>\n", end),
                new Frame("<|assistant|>\n", end),
                List.of("</s>"));
    }

    /** Returns the form of the instructed models of Llama 3. */
    public static ChatTemplate llama3() {
        String end = "<|eot_id|>";
        return new ChatTemplate(role("system", end), role("user", end), role("assistant", end), List.of(end));
    }

    private static Frame role(String role, String end) {
        return new Frame("<|start_header_id|>" + role + "<|end_header_id|>\n\n", end);
    }

    /**
     * Returns the text that a model goes on from.
     *
     * @throws InputException for a message that is not a text of system, user or assistant
     */
    public String render(List<ChatMessage> messages) {
        StringBuilder text = new StringBuilder();
        for (ChatMessage message : messages) {
            text.append(render(message));
        }
        return text.append(assistant.before()).toString();
    }

    private String render(ChatMessage message) {
        if (message instanceof SystemMessage it) {
            return system.around(it.text());
        }
        if (message instanceof UserMessage it && it.hasSingleText()) {
            return user.around(it.singleText());
        }
        if (message instanceof AiMessage it && !it.hasToolExecutionRequests()) {
            return assistant.around(it.text());
        }
        throw new InputException("a message must be a text of system, user or assistant; got " + message.type());
    }
}
