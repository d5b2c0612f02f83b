package org.pixelwake.training;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a field of a configuration as a setting. The same field is a key of the YAML file and an
/// option of the command line: `learningRate` is `learning-rate` there.
@Target(ElementType.FIELD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Setting {
  /// Returns what it does, with its unit.
  String value();

  /// Returns the heading under which help and report show it; by default that of the setting above.
  String group() default "";
}
