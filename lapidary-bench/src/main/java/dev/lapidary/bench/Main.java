package dev.lapidary.bench;

/** Lists the benchmarks, or runs the named one. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        if (args.length > 0) {
            System.err.println("NAME must be one of the benchmarks; got " + args[0] + ", and there is none yet");
            System.exit(2);
        }
    }
}
