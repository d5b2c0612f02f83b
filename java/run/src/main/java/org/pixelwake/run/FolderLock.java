package org.pixelwake.run;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.pixelwake.base.InputException;

/// The claim of a process on a folder that it writes a run or a study into, so that no other writes
/// there at the same time. It is a lock of the operating system on the file `.lock` in the folder,
/// which ends with the process however that ends. The file is removed when the claim is given up;
/// one that a killed process left behind claims nothing.
public final class FolderLock implements AutoCloseable {
  private static final String FILE = ".lock";

  // Locks are held for the whole process, which therefore cannot refuse itself a second one.
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path file;
  private final FileChannel channel;

  private FolderLock(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /// Claims a folder, which is made where it is not there.
  ///
  /// @param host is told where the file system does not lock files
  /// @throws InputException where another run has claimed it, or it cannot be written
  public static FolderLock take(Path folder, Host host) {
    RunFolders.create(folder);
    try {
      Path file = folder.toRealPath().resolve(FILE);
      if (!HELD.add(file)) {
        throw taken(folder);
      }
      try {
        return new FolderLock(file, lock(folder, file, host));
      } catch (IOException | RuntimeException e) {
        HELD.remove(file);
        throw e;
      }
    } catch (IOException e) {
      throw InputException.unwritable(folder.resolve(FILE), e);
    }
  }

  // The process that had the lock before may have removed file and folder at any moment; a third
  // one then has another file of that name. That is told by the file's key alone: opening the file
  // once more and closing it would give up the lock.
  private static FileChannel lock(Path folder, Path file, Host host) throws IOException {
    while (true) {
      FileChannel channel = null;
      boolean kept = false;
      try {
        RunFolders.create(folder);
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE).close();
        Object key = key(file);
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
        if (!locked(channel, folder, host)) {
          throw taken(folder);
        }
        kept = Objects.equals(key, key(file));
        if (kept) {
          return channel;
        }
      } catch (NoSuchFileException e) {
        // Removed in this very moment.
        kept = false;
      } finally {
        if (channel != null && !kept) {
          channel.close();
        }
      }
    }
  }

  private static @Nullable Object key(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private static boolean locked(FileChannel channel, Path folder, Host host) {
    try {
      return channel.tryLock() != null;
    } catch (IOException e) {
      host.notice(
          folder
              + ": its file system does not lock files; take care that no other run writes into"
              + " this folder");
      return true;
    }
  }

  private static InputException taken(Path folder) {
    return new InputException(
        folder,
        "is in use by another run",
        "Wait until that one has ended, or choose another folder with -o");
  }

  /// Returns whether a file of a folder is that of a claim.
  static boolean is(Path file) {
    return file.endsWith(FILE);
  }

  /// Gives the folder up.
  @Override
  public void close() {
    try (channel) {
      // Before the lock is released, or it could be the file of the next one.
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw InputException.unwritable(file, e);
    } finally {
      HELD.remove(file);
    }
  }
}
