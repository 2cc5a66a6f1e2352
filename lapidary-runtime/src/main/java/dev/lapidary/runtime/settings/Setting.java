package dev.lapidary.runtime.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What is particular about one component of {@link Settings}; without it a component enters identities under its own name. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** What the option of a command does, one sentence without its default; empty where there is no option. */
    String help() default "";

    /** The option's name without dashes; by default the component's in kebab case. */
    String option() default "";

    /** What the help calls the option's value; by default N for whole numbers, X for others, and the names of an enum. */
    String label() default "";

    /** How the help says the default; {@code %s} stands for the default's own text. */
    String shown() default "%s";

    /** The name in identities and files; by default the component's. Settings within settings that have one enter as one text. */
    String key() default "";

    /** Whether the folder of what was trained notes the value in its {@code lapidary.json}. */
    boolean noted() default false;

    /** The entry of a training plan's identity through which the component enters, where the plan or another component writes it. */
    String entersAs() default "";
}
