package org.pixelwake.timepix.io.file;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pixelwake.timepix.SourceInfo;
import org.pixelwake.timepix.io.ReadReport;

/// What the sources of one or several files have in common: the tree, the counts, and going from
/// file to file.
///
/// @param <R> reader of one file
public abstract class AbstractFiles<R extends AutoCloseable> {
  public final FileTree tree;
  public final Tally tally;
  private final List<FileTree.Entry> files;
  private final SourceInfo info;
  private int nextFile;
  private @Nullable R current;
  private boolean ended;

  public AbstractFiles(FileTree tree, List<FileTree.Entry> files, SourceInfo info, Tally tally) {
    this.tree = tree;
    this.files = List.copyOf(files);
    this.info = info;
    this.tally = tally;
  }

  public abstract R open(FileTree.Entry file);

  /// The reader to go on with; null at the end of the last file, which closes the account.
  public @Nullable R reader() {
    if (current == null && !ended) {
      if (nextFile < files.size()) {
        current = open(files.get(nextFile++));
      } else {
        ended = true;
        tally.end();
      }
    }
    return current;
  }

  /// To be called when the current reader has ended.
  public void done() {
    R reader = current;
    current = null;
    if (reader != null) {
      quietly(reader);
    }
  }

  /// Files begun so far.
  public int begun() {
    return nextFile;
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
    long sum = 0;
    for (FileTree.Entry file : files) {
      if (file.size() < 0) {
        return -1;
      }
      sum += file.size();
    }
    return Math.max(sum, tally.bytes);
  }

  public final void close() {
    ended = true;
    done();
    tree.close();
  }

  private static void quietly(AutoCloseable reader) {
    try {
      reader.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
