package org.maloca.core.device;

import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;

/**
 * A part of the machine with a life and a state.
 *
 * <p>Life: made and connected, {@link #start}, then {@link #pause} and {@link #resume} any number
 * of times, {@link #reset} in any state, {@link #close} once. A paused device has drained and
 * produces no work, but accepts and keeps what comes. {@link #save} and {@link #restore} are called
 * while paused or not started; restore puts interrupt levels back without edges.
 */
public interface Device extends AutoCloseable {
  /** Unique in the machine, stable over versions: names the snapshot section. */
  String id();

  default void start() {}

  default void pause() {}

  default void resume() {}

  /** Power-on state. */
  void reset();

  void save(SnapshotWriter writer);

  void restore(SnapshotReader reader);

  @Override
  default void close() {}
}
