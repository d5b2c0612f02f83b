package org.pixelwake.engine;

/// Input of the user's that cannot be used: a file, an option or a configuration.
///
/// The message names the file, the place in it (line, byte offset, key) and the remedy, in that
/// order. The command line prints it alone, without a stack trace, and ends with exit code 2.
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String place;
  private final String remedy;

  /// @param file the file or option at fault, as the user wrote it
  /// @param place line, byte offset or key inside it; empty where the whole file is meant
  /// @param problem what is wrong, without a full stop
  /// @param remedy what the user can do about it, without a full stop
  public InputException(String file, String place, String problem, String remedy) {
    super(text(file, place, problem, remedy));
    this.file = file;
    this.place = place;
    this.remedy = remedy;
  }

  /// As above, with the failure underneath.
  public InputException(String file, String place, String problem, String remedy, Throwable cause) {
    super(text(file, place, problem, remedy), cause);
    this.file = file;
    this.place = place;
    this.remedy = remedy;
  }

  /// The file or option at fault.
  public String file() {
    return file;
  }

  /// Line, byte offset or key; empty where the whole file is meant.
  public String place() {
    return place;
  }

  /// What the user can do.
  public String remedy() {
    return remedy;
  }

  private static String text(String file, String place, String problem, String remedy) {
    return file + ": " + (place.isEmpty() ? "" : place + ": ") + problem + ". " + remedy + ".";
  }
}
