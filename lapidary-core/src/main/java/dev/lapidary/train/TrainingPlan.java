package dev.lapidary.train;

import dev.lapidary.runtime.InputException;
import dev.lapidary.runtime.settings.Components;
import dev.lapidary.runtime.settings.Settings;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How long to train and what to write down on the way.
 *
 * <p>All but {@code name}, {@code checkpoints} and {@code metricsFile} decides the outcome and belongs to the plan's identity: a
 * checkpoint of a plan with another identity is refused.
 *
 * @param name what the progress display calls the work
 * @param steps number of optimiser steps, at least 1
 * @param seed the seed that the trainable was built with; the loop itself draws nothing
 * @param validateEvery number of steps between two validations, 0 for none; where positive, the last step validates too
 * @param metricsEvery number of steps from one line of metrics to the next, at least 1; validations and the last step write one too
 * @param earlyStopping how to keep the best state
 * @param checkpoints where to save
 * @param metricsFile file of JSON lines to write
 * @param settings what else decides the outcome, by name: method, learning rate, digest of the data, threads
 * @param options by the name of an entry of the identity, the option of the command line that decides it, for messages
 */
public record TrainingPlan(
        String name,
        long steps,
        long seed,
        long validateEvery,
        long metricsEvery,
        Optional<EarlyStopping> earlyStopping,
        Optional<Checkpointing> checkpoints,
        Optional<Path> metricsFile,
        SortedMap<String, String> settings,
        SortedMap<String, String> options) {
    /** What the names of settings begin with in the identity. */
    static final String SETTING = "settings.";

    /** Checks the values. */
    public TrainingPlan {
        if (steps < 1) {
            throw new InputException("steps must be at least 1; got " + steps);
        }
        if (validateEvery < 0) {
            throw new InputException("validateEvery must not be negative; got " + validateEvery);
        }
        if (metricsEvery < 1) {
            throw new InputException("metricsEvery must be at least 1; got " + metricsEvery);
        }
        if (earlyStopping.isPresent() && validateEvery == 0) {
            throw new InputException("validateEvery must be positive where early stopping is wanted; got 0");
        }
        settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
        options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
    }

    /** Returns a plan that only trains: no validation, no files, a line of metrics for every step once there is a file. */
    public static TrainingPlan of(long steps, long seed) {
        return new TrainingPlan(
                "training",
                steps,
                seed,
                0,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Collections.emptySortedMap(),
                Collections.emptySortedMap());
    }

    /** Returns this plan under a name for the progress display. */
    public TrainingPlan named(String newName) {
        return new TrainingPlan(
                newName,
                steps,
                seed,
                validateEvery,
                metricsEvery,
                earlyStopping,
                checkpoints,
                metricsFile,
                settings,
                options);
    }

    /** Returns this plan that validates after every {@code newEvery} steps and after the last. */
    public TrainingPlan validatingEvery(long newEvery) {
        return new TrainingPlan(
                name, steps, seed, newEvery, metricsEvery, earlyStopping, checkpoints, metricsFile, settings, options);
    }

    /** Returns this plan with early stopping; validations must be set before. */
    public TrainingPlan stopping(EarlyStopping newStopping) {
        return new TrainingPlan(
                name,
                steps,
                seed,
                validateEvery,
                metricsEvery,
                Optional.of(newStopping),
                checkpoints,
                metricsFile,
                settings,
                options);
    }

    /** Returns this plan with checkpoints. */
    public TrainingPlan saving(Checkpointing newCheckpoints) {
        return new TrainingPlan(
                name,
                steps,
                seed,
                validateEvery,
                metricsEvery,
                earlyStopping,
                Optional.of(newCheckpoints),
                metricsFile,
                settings,
                options);
    }

    /** Returns this plan that writes a line of metrics for every {@code newEvery} steps, with the mean loss of those steps. */
    public TrainingPlan metrics(Path newFile, long newEvery) {
        return new TrainingPlan(
                name,
                steps,
                seed,
                validateEvery,
                newEvery,
                earlyStopping,
                checkpoints,
                Optional.of(newFile),
                settings,
                options);
    }

    /** Returns this plan with one more setting that decides the outcome. */
    public TrainingPlan setting(String key, String value) {
        SortedMap<String, String> more = new TreeMap<>(settings);
        more.put(key, value);
        return new TrainingPlan(
                name, steps, seed, validateEvery, metricsEvery, earlyStopping, checkpoints, metricsFile, more, options);
    }

    /** Returns this plan with every component of settings that decides the outcome, but those that the plan writes itself. */
    public TrainingPlan settings(Settings given) {
        SortedMap<String, String> more = new TreeMap<>(settings);
        more.putAll(Components.planned(given));
        SortedMap<String, String> known = new TreeMap<>(options);
        Components.of(given.getClass()).leaves().values().stream()
                .filter(component -> component.help().isPresent())
                .forEach(component ->
                        known.put(component.entersAs().orElse(SETTING + component.key()), component.option()));
        return new TrainingPlan(
                name, steps, seed, validateEvery, metricsEvery, earlyStopping, checkpoints, metricsFile, more, known);
    }

    /** Returns this plan with the option of the command line that decides a setting, for messages. */
    public TrainingPlan option(String setting, String option) {
        SortedMap<String, String> known = new TreeMap<>(options);
        known.put(SETTING + setting, option);
        return new TrainingPlan(
                name,
                steps,
                seed,
                validateEvery,
                metricsEvery,
                earlyStopping,
                checkpoints,
                metricsFile,
                settings,
                known);
    }

    /** Returns all that decides the outcome, by name. */
    public SortedMap<String, String> identity() {
        SortedMap<String, String> identity = new TreeMap<>();
        settings.forEach((key, value) -> identity.put(SETTING + key, value));
        identity.put("steps", Long.toString(steps));
        identity.put("seed", Long.toString(seed));
        identity.put("validateEvery", Long.toString(validateEvery));
        identity.put("metricsEvery", Long.toString(metricsEvery));
        identity.put("earlyStopping", earlyStopping.map(EarlyStopping::toString).orElse("none"));
        return identity;
    }

    /** Returns the SHA-256 of the identity in hexadecimal. */
    public String digest() {
        return ContentDigest.of(identity(), Collections.emptyList());
    }
}
