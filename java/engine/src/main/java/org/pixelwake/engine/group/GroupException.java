package org.pixelwake.engine.group;

import java.io.Serial;

/// The processes of a [Group] cannot go on together.
public final class GroupException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /// Why.
  public enum Kind {
    /// A process does not answer, or the messages between them fail.
    LOST,
    /// This process was told to stop and the others do not come along.
    STOPPED,
    /// What should be the same everywhere is not.
    DIFFERENT
  }

  private final Kind kind;
  private final String what;
  private final String remedy;

  /// @param what happened
  /// @param remedy what to do
  public GroupException(Kind kind, String what, String remedy) {
    super(what + ". " + remedy + ".");
    this.kind = kind;
    this.what = what;
    this.remedy = remedy;
  }

  /// The same with something that was done about it.
  public GroupException and(String done) {
    GroupException more = new GroupException(kind, what + "; " + done, remedy);
    more.initCause(this);
    return more;
  }

  /// Why they cannot.
  public Kind kind() {
    return kind;
  }
}
