package dev.lapidary.app.command;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    private static final int WIDTH = 100; // columns of the help

    private final Session session;
    private final List<String> arguments;

    private CommandTree(Session session, List<String> arguments) {
        this.session = session;
        this.arguments = arguments;
    }

    /** Runs what the arguments ask for and returns the exit status. */
    public static int run(Session session, String... arguments) {
        return new CommandTree(session, Arrays.asList(arguments)).run();
    }

    private int run() {
        int status;
        try {
            CommandLine line = tree(session);
            line.setParameterExceptionHandler((bad, _) -> misuse(bad));
            line.setExecutionExceptionHandler((thrown, _, _) -> failed(thrown));
            status = line.execute(arguments.toArray(String[]::new));
        } catch (Throwable thrown) { // errors too: whoever asked for JSON gets it
            status = failed(thrown);
        }
        session.out().flush();
        if (session.out().checkError() && status == 0) {
            session.err().println("lapidary: standard output could not be written");
            return Failure.FAILED;
        }
        return status;
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
        return new CommandLine(new RootCommand())
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
            List<String> nearest = Nearest.of(word, known);
            message = (word.startsWith("-") ? "unknown option '" : "unknown command or argument '") + word + "'"
                    + (nearest.isEmpty() ? "" : "; did you mean " + String.join(" or ", nearest) + "?");
        }
        if (bad instanceof RootCommand.MissingCommand) {
            command.usage(session.err());
        }
        return report(new Failure(Failure.BAD_INPUT, message + " (" + name + " --help shows how)"));
    }

    private int failed(Throwable thrown) {
        if (arguments.contains(DEBUG)) {
            thrown.printStackTrace(session.err());
        }
        return report(Failure.of(thrown));
    }

    private int report(Failure failure) {
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
