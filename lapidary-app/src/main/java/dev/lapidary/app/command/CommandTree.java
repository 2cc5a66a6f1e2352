package dev.lapidary.app.command;

import dev.lapidary.runtime.Nearest;
import dev.lapidary.runtime.file.AtomicFiles;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs one command line.
 *
 * <p>Exit status: 0 success, 1 failure, 2 bad input, 130 stopped by Ctrl-C (143 by SIGTERM). Where {@code --json} is among the arguments, standard
 * output ends with one JSON object in every case; a failure's is {@code {"error": ..., "status": n}}.
 */
public final class CommandTree {
    static final String DEBUG = "--debug";

    private static final int WIDTH = 80; // columns of the help
    private static final int SUGGESTIONS = 2; // for a mistyped name

    private final Session session;
    private final List<String> arguments;

    private final IntUnaryOperator status;

    private CommandTree(Session session, IntUnaryOperator status, List<String> arguments) {
        this.session = session;
        this.status = status;
        this.arguments = arguments;
    }

    /** Runs what the arguments ask for and returns the exit status. */
    public static int run(Session session, String... arguments) {
        return run(session, status -> status, arguments);
    }

    /**
     * Runs what the arguments ask for.
     *
     * @param status returns with which status a command ends that would end with another, as after a signal
     */
    public static int run(Session session, IntUnaryOperator status, String... arguments) {
        return new CommandTree(session, status, Arrays.asList(arguments)).run();
    }

    private int run() {
        int ended;
        try {
            CommandLine line = tree(session);
            line.setParameterExceptionHandler((bad, _) -> misuse(bad));
            line.setExecutionExceptionHandler((thrown, _, _) -> failed(thrown));
            line.setExecutionStrategy(parsed -> {
                repair(parsed);
                return new CommandLine.RunLast().execute(parsed);
            });
            ended = line.execute(arguments.toArray(String[]::new));
        } catch (Throwable thrown) { // errors too: whoever asked for JSON gets it
            ended = failed(thrown);
        }
        session.out().flush();
        if (session.out().checkError() && ended == 0) {
            session.err().println("lapidary: standard output could not be written");
            return Failure.FAILED;
        }
        return ended;
    }

    /** Brings back what a killed process took from its place, where an option names it. */
    private static void repair(CommandLine.ParseResult parsed) {
        for (CommandLine command : parsed.asCommandLineList()) {
            for (CommandLine.Model.OptionSpec option : command.getParseResult().matchedOptions()) {
                List<?> values =
                        option.getValue() instanceof List<?> list ? list : Collections.singletonList(option.getValue());
                for (Object value : values) {
                    if (value instanceof Path path && !Files.exists(path)) {
                        AtomicFiles.repair(path);
                    }
                }
            }
        }
    }

    /** The commands, without natives, encoders or word nets: those load when a command runs. */
    static CommandLine tree(Session session) {
        CommandLine concepts = new CommandLine(new ConceptsCommand())
                .addSubcommand(new ProposeCommand(session))
                .addSubcommand(new TrainCommand(session))
                .addSubcommand(new EvaluateCommand(session))
                .addSubcommand(new CalibrateCommand(session))
                .addSubcommand(new PredictCommand(session))
                .addSubcommand(new SearchCommand(session))
                .addSubcommand(new ExplainCommand(session))
                .addSubcommand(new InterveneCommand(session));
        CommandLine masks = new CommandLine(new MaskCommand())
                .addSubcommand(new MaskPruneCommand(session))
                .addSubcommand(new MaskLearnCommand(session))
                .addSubcommand(new MaskApplyCommand(session))
                .addSubcommand(new MaskInspectCommand(session))
                .addSubcommand(new MaskExportCommand(session))
                .addSubcommand(new MaskImportCommand(session));
        CommandLine demo = new CommandLine(new DemoCommand(session)).addSubcommand(new DemoMaskCommand(session));
        CommandLine languageModels = new CommandLine(new LmCommand())
                .addSubcommand(new LmTrainCommand(session))
                .addSubcommand(new LmEvaluateCommand(session))
                .addSubcommand(new LmGenerateCommand(session))
                .addSubcommand(new LmPackCommand(session));
        CommandLine images = new CommandLine(new ImagesCommand()).addSubcommand(new ImagesScenesCommand(session));
        CommandLine encoders = new CommandLine(new EncoderCommand())
                .addSubcommand(new EncoderTrainCommand(session))
                .addSubcommand(new EncoderAdaptCommand(session))
                .addSubcommand(new EncoderEvaluateCommand(session));
        CommandLine systems = new CommandLine(new SystemsCommand(session))
                .addSubcommand(new SystemsShowCommand(session))
                .addSubcommand(new SystemsVerifyCommand(session))
                .addSubcommand(new SystemsReportCommand(session));
        CommandLine cache = new CommandLine(new CacheCommand(session)).addSubcommand(new CacheClearCommand(session));
        CommandLine root = new CommandLine(new RootCommand())
                .addSubcommand(concepts)
                .addSubcommand(masks)
                .addSubcommand(languageModels)
                .addSubcommand(images)
                .addSubcommand(encoders)
                .addSubcommand(systems)
                .addSubcommand(demo)
                .addSubcommand(cache)
                .addSubcommand(new DoctorCommand(session))
                .setOut(writer(session.out()))
                .setErr(writer(session.err()))
                .setResourceBundle(new FoundMethods())
                .setUsageHelpWidth(WIDTH);
        RootCommand.fit(root);
        ExampleLines.fit(root, WIDTH);
        return root;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    private int misuse(ParameterException bad) {
        CommandLine command = bad.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String message = String.valueOf(bad.getMessage()).lines().findFirst().orElse("bad arguments");
        if (bad instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().getFirst();
            List<String> known = new ArrayList<>(command.getSubcommands().keySet());
            known.addAll(command.getCommandSpec().optionsMap().keySet());
            List<String> nearest = nearest(word, known);
            message = (word.startsWith("-") ? "unknown option '" : "unknown command or argument '") + word + "'"
                    + (nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?");
        }
        if (bad instanceof RootCommand.MissingCommand) {
            command.usage(session.err());
        }
        return report(new Failure(Failure.BAD_INPUT, message + " (" + name + " --help shows how)"));
    }

    /** Options for an option, which may come with a value, else commands. */
    private static List<String> nearest(String word, List<String> known) {
        List<String> alike = known.stream()
                .filter(name -> name.startsWith("--") == word.startsWith("-"))
                .toList();
        return Nearest.of(word.replaceFirst("=.*", ""), alike, SUGGESTIONS);
    }

    private int failed(Throwable thrown) {
        if (arguments.contains(DEBUG)) {
            thrown.printStackTrace(session.err());
        }
        return report(Failure.of(thrown));
    }

    private int report(Failure thrown) {
        Failure failure = new Failure(status.applyAsInt(thrown.status()), thrown.message());
        session.err().println("lapidary: " + failure.message());
        if (arguments.contains("--json")) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("error", failure.message());
            object.put("status", failure.status());
            session.out().println(JsonLine.of(object));
        }
        return failure.status();
    }
}
