package org.maloca.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.maloca.cli.control.ControlService;
import org.maloca.devices.virtio.balloon.BalloonStatistics;
import org.maloca.devices.virtio.balloon.BalloonStatistics.Item;
import org.maloca.devices.virtio.balloon.VirtioBalloon;

/** The memory balloon of a running machine, as others ask for it by {@code maloca balloon}. */
final class RunningBalloon implements ControlService {
  /** With which requests begin. */
  static final String WORD = "balloon";

  /** Asks for nothing, and is answered by nothing. */
  static final String PROBE = "probe";

  /** Asks for a {@link BalloonState}. */
  static final String SHOW = "show";

  /** Asks for another size; a {@link BalloonSize} follows. Answered as {@link #SHOW}. */
  static final String SET = "set ";

  private static final long STATISTICS_POLL_MILLIS = 5;
  private static final int STATISTICS_POLLS = 60;

  private final Supplier<Optional<VirtioBalloon>> balloon;
  private final long memoryBytes;

  /**
   * Has that of a machine, which may not be plugged in yet.
   *
   * @param memoryBytes of the machine
   */
  RunningBalloon(Supplier<Optional<VirtioBalloon>> balloon, long memoryBytes) {
    this.balloon = balloon;
    this.memoryBytes = memoryBytes;
  }

  @Override
  public Optional<String> answer(String request) throws IOException {
    if (request.equals(PROBE)) {
      return Optional.of("");
    }
    VirtioBalloon device =
        balloon.get().orElseThrow(() -> new IOException("the machine is not ready yet"));
    if (request.startsWith(SET)) {
      set(device, BalloonSize.parse(request.substring(SET.length())));
    } else if (!request.equals(SHOW)) {
      throw ControlService.unknownRequest();
    }
    return Optional.of(state(device).toString());
  }

  /** One after another: a size may be relative to the one before. */
  private synchronized void set(VirtioBalloon device, BalloonSize size) throws IOException {
    device.setTargetBytes(size.after(device.targetBytes(), memoryBytes));
  }

  private BalloonState state(VirtioBalloon device) {
    Map<Item, Long> values = freshStatistics(device).values();
    return new BalloonState(
        device.isInUse(),
        device.targetBytes(),
        device.actualBytes(),
        memoryBytes,
        values.getOrDefault(Item.FREE_MEMORY, BalloonState.UNKNOWN),
        values.getOrDefault(Item.AVAILABLE_MEMORY, BalloonState.UNKNOWN),
        values.getOrDefault(Item.TOTAL_MEMORY, BalloonState.UNKNOWN));
  }

  /** What the guest says now, or said last if it takes its time. */
  private static BalloonStatistics freshStatistics(VirtioBalloon device) {
    BalloonStatistics before = device.statistics();
    if (device.isInUse()) {
      device.requestStatistics();
      for (int i = 0; i < STATISTICS_POLLS && device.statistics() == before; i++) {
        try {
          TimeUnit.MILLISECONDS.sleep(STATISTICS_POLL_MILLIS);
        } catch (InterruptedException ending) {
          Thread.currentThread().interrupt();
          break;
        }
      }
    }
    return device.statistics();
  }
}
