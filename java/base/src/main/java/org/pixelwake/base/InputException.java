package org.pixelwake.base;

import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Input of the user's that cannot be used: a file, an option or a configuration.
///
/// The message names the file, the place in it (line, byte offset, key) and the remedy, in that
/// order. The command line prints it alone, without a stack trace, and ends with exit code 2.
public final class InputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final String place;
  private final String remedy;

  /// Names a place within a file.
  ///
  /// @param file the file or option at fault, as the user wrote it
  /// @param place line, byte offset or key inside it; empty where the whole file is meant
  /// @param problem what is wrong, without a full stop
  /// @param remedy what the user can do about it, without a full stop
  public InputException(String file, String place, String problem, String remedy) {
    this(file, place, problem, remedy, null);
  }

  /// Names a place within a file, and the failure underneath.
  public InputException(
      String file, String place, String problem, String remedy, @Nullable Throwable cause) {
    super(text(file, place, problem, remedy), cause);
    this.file = file;
    this.place = place;
    this.remedy = remedy;
  }

  /// Names a whole file or an option.
  public InputException(String file, String problem, String remedy) {
    this(file, "", problem, remedy, null);
  }

  /// Names a whole file or an option, and the failure underneath.
  public InputException(String file, String problem, String remedy, Throwable cause) {
    this(file, "", problem, remedy, cause);
  }

  /// Names a whole file.
  public InputException(Path file, String problem, String remedy) {
    this(file.toString(), "", problem, remedy, null);
  }

  /// Names a whole file, and the failure underneath.
  public InputException(Path file, String problem, String remedy, Throwable cause) {
    this(file.toString(), "", problem, remedy, cause);
  }

  /// Returns the exception for a file that cannot be read.
  public static InputException unreadable(Path file, Exception cause) {
    return unreadable(file.toString(), cause);
  }

  /// Returns the exception for a file, or an entry of an archive, that cannot be read.
  ///
  /// @param file as the user knows it
  public static InputException unreadable(String file, Exception cause) {
    return cause instanceof NoSuchFileException
        ? new InputException(file, "does not exist", "Check the path", cause)
        : new InputException(
            file,
            "cannot be read (" + reason(file, cause) + ")",
            "Check its permissions and that it is whole",
            cause);
  }

  /// Returns the exception for a file or folder that cannot be written.
  public static InputException unwritable(Path file, Exception cause) {
    return new InputException(
        file,
        "cannot be written (" + reason(file.toString(), cause) + ")",
        "Free space on the disk, or write to a folder that is yours",
        cause);
  }

  // A FileSystemException's message begins with the file, which the user has read already.
  private static String reason(String file, Throwable cause) {
    if (cause instanceof UncheckedIOException && cause.getCause() != null) {
      return reason(file, cause.getCause());
    }
    String message = cause.getMessage();
    if (cause instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (cause instanceof NoSuchFileException) {
      return "its folder does not exist";
    }
    if (message == null) {
      return cause.getClass().getSimpleName();
    }
    return message.startsWith(file + ": ") ? message.substring(file.length() + 2) : message;
  }

  /// Returns the file or option at fault.
  public String file() {
    return file;
  }

  /// Returns the line, byte offset or key; empty where the whole file is meant.
  public String place() {
    return place;
  }

  /// Returns what the user can do.
  public String remedy() {
    return remedy;
  }

  private static String text(String file, String place, String problem, String remedy) {
    return file + ": " + (place.isEmpty() ? "" : place + ": ") + problem + ". " + remedy + ".";
  }
}
