package org.maloca.block.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class EarlyWritebackTest {
  private static final long MEBIBYTE = 1 << 20;

  private final Queue<Runnable> tasks = new ArrayDeque<>();
  private final List<String> begun = new ArrayList<>();
  private final EarlyWriteback writeback =
      new EarlyWriteback(
          (position, length) -> begun.add(position / MEBIBYTE + "+" + length / MEBIBYTE),
          tasks::add);

  private void stream(long firstMebibyte, int count) {
    for (long at = firstMebibyte; at < firstMebibyte + count; at++) {
      writeback.wrote(at * MEBIBYTE, MEBIBYTE);
    }
  }

  private void runTasks() {
    while (!tasks.isEmpty()) {
      tasks.remove().run();
    }
  }

  @Test
  void a_stream_is_begun_with_in_pieces_as_it_goes_on() {
    stream(100, 3);
    runTasks();
    assertEquals(List.of(), begun);

    stream(103, 1);
    runTasks();
    stream(104, 7);
    runTasks();

    assertEquals(List.of("100+4", "104+4"), begun);
  }

  @Test
  void a_stream_of_small_writes_is_one_too() {
    for (long at = 0; at < 4 * MEBIBYTE; at += 4096) {
      writeback.wrote(at, 4096);
    }
    runTasks();

    assertEquals(List.of("0+4"), begun);
  }

  @Test
  void writes_here_and_there_are_left_to_the_host() {
    for (int i = 0; i < 100; i++) {
      stream(i * 10L, 3);
    }
    writeback.wrote(0, 3 * MEBIBYTE);
    writeback.wrote(0, 3 * MEBIBYTE);
    runTasks();

    assertEquals(List.of(), begun);
  }

  @Test
  void while_the_disk_does_not_keep_up_one_request_waits_for_all() {
    stream(0, 4);
    stream(4, 8);

    assertEquals(1, tasks.size());
    runTasks();
    assertEquals(List.of("0+12"), begun);
  }

  @Test
  void without_a_thread_the_flush_is_left_with_all_of_it() {
    EarlyWriteback starved =
        new EarlyWriteback(
            (position, length) -> begun.add("never"),
            task -> {
              throw new OutOfMemoryError("unable to create native thread");
            });

    for (long at = 0; at < 64; at++) {
      starved.wrote(at * MEBIBYTE, MEBIBYTE);
    }

    assertEquals(List.of(), begun);
  }
}
