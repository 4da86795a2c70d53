package org.maloca.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Executes batches on the host's CPU, in a process of {@code silicon-runner.c} that shares their
 * memory. The process is started when first needed and again after it died. For one thread.
 *
 * <p>{@link #start} and {@link #await} let the caller work while the silicon does.
 */
public final class SiliconRunner implements CaseExecutor {
  private static final int SLOTS = 16;
  private static final long TIMEOUT_SECONDS = 20;

  /** A file here is never written back to a disk. */
  private static final Path MEMORY = Path.of("/dev/shm");

  private final Path folder;
  private final Path program;
  private final Path file;
  private final long slotBytes;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment shared;

  /** For a run that is interrupted. */
  private final Thread cleanUp = new Thread(this::deleteFiles, "silicon-clean-up");

  private int slotsUsed;
  private @Nullable Process process;

  /** A runner whose batches hold at most {@code capacity} cases. */
  public SiliconRunner(int capacity) throws IOException {
    folder = Files.createTempDirectory("maloca-silicon");
    program = SiliconBuild.build(folder);
    file = Files.createTempFile(Files.isWritable(MEMORY) ? MEMORY : folder, "maloca", ".batches");
    slotBytes = (CaseBatch.slotBytes(CaseKind.X87, capacity) + 4095) & ~4095L;
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      shared = channel.map(MapMode.READ_WRITE, 0, SLOTS * slotBytes, arena);
    }
    Runtime.getRuntime().addShutdownHook(cleanUp);
  }

  /** Whether this host can run cases on its CPU. */
  public static boolean available() {
    return SiliconBuild.possible();
  }

  /** A new batch in memory that the process shares. */
  public CaseBatch allocate(CaseKind kind, int capacity) {
    if (slotsUsed == SLOTS) {
      throw new IllegalStateException("all " + SLOTS + " batches are in use");
    }
    var slot = shared.asSlice(slotsUsed++ * slotBytes, slotBytes);
    return CaseBatch.in(slot, kind, capacity);
  }

  @Override
  public void execute(CaseBatch batch) {
    start(batch);
    await(batch);
  }

  /** Rings the doorbell for a batch of {@link #allocate}. */
  public void start(CaseBatch batch) {
    try {
      var running = process;
      if (running == null || !running.isAlive()) {
        running = launch();
      }
      running.getOutputStream().write(slotOf(batch));
      running.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits for the batch.
   *
   * @throws SiliconDeathException when a case killed or hung the process
   */
  public void await(CaseBatch batch) {
    var running = process;
    if (running == null) {
      throw new IllegalStateException("not started");
    }
    int answer;
    var watchdog = new Thread(() -> killWhenLate(running), "silicon-watchdog");
    watchdog.setDaemon(true);
    watchdog.start();
    try {
      answer = running.getInputStream().read();
    } catch (IOException e) {
      answer = -1;
    }
    watchdog.interrupt();
    if (answer != slotOf(batch)) {
      running.destroyForcibly();
      process = null;
      int killer = batch.progress();
      throw new SiliconDeathException(
          killer,
          "case "
              + killer
              + " of the batch ended the silicon runner: "
              + HexFormat.ofDelimiter(" ").formatHex(batch.code(killer)));
    }
  }

  private static void killWhenLate(Process running) {
    try {
      if (!running.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        running.destroyForcibly();
      }
    } catch (InterruptedException e) {
      // The answer came in time.
    }
  }

  private Process launch() throws IOException {
    var started =
        new ProcessBuilder(program.toString(), file.toString(), Long.toString(slotBytes))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    process = started;
    return started;
  }

  private int slotOf(CaseBatch batch) {
    long offset = batch.slot().address() - shared.address();
    if (offset < 0 || offset >= SLOTS * slotBytes) {
      throw new IllegalArgumentException("a batch of another memory");
    }
    return (int) (offset / slotBytes);
  }

  @Override
  public void close() {
    var running = process;
    if (running != null) {
      try {
        running.getOutputStream().close();
        if (!running.waitFor(1, TimeUnit.SECONDS)) {
          running.destroyForcibly();
        }
      } catch (IOException e) {
        running.destroyForcibly();
      } catch (InterruptedException e) {
        running.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    arena.close();
    Runtime.getRuntime().removeShutdownHook(cleanUp);
    deleteFiles();
  }

  private void deleteFiles() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    SiliconBuild.deleteTree(folder);
  }
}
