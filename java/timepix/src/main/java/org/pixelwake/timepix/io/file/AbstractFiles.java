package org.pixelwake.timepix.io.file;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ReadReport;

/// What the sources of one or several files have in common: the tree, the counts, and going from
/// file to file.
///
/// @param <R> reader of one file
public abstract class AbstractFiles<R extends AbstractFiles.Reader> {
  /// Reads one file.
  public interface Reader extends AutoCloseable {
    @Override
    void close();
  }

  public final Tally tally;
  private final FileTree tree;
  private final List<FileTree.Entry> files;
  private final Function<FileTree.Entry, R> opener;
  private final SourceInfo info;
  private int nextFile;
  private @Nullable R current;
  private boolean ended;

  /// @param from opens the source: its tree and its counts go on
  /// @param opener opens a file
  public AbstractFiles(
      SourceOpener from,
      List<FileTree.Entry> files,
      SourceInfo info,
      Function<FileTree.Entry, R> opener) {
    this.tree = from.tree;
    this.tally = from.tally;
    this.files = List.copyOf(files);
    this.info = info;
    this.opener = opener;
  }

  /// Returns the reader to go on with; null at the end of the last file, which closes the account.
  public final @Nullable R reader() {
    if (current == null && !ended) {
      if (nextFile < files.size()) {
        current = opener.apply(files.get(nextFile++));
      } else {
        ended = true;
        tally.check();
      }
    }
    return current;
  }

  /// To be called when the current reader has ended.
  public final void done() {
    R reader = current;
    current = null;
    if (reader != null) {
      reader.close();
    }
  }

  public final SourceInfo info() {
    return info;
  }

  public final ReadReport report() {
    return tally.report();
  }

  public final long bytesRead() {
    return tally.bytes;
  }

  public final long bytesTotal() {
    boolean known = files.stream().allMatch(file -> file.size() >= 0);
    long sum = files.stream().mapToLong(FileTree.Entry::size).sum();
    return known ? Math.max(sum, tally.bytes) : -1;
  }

  public final void close() {
    ended = true;
    done();
    tree.close();
  }
}
