package org.maloca.devices.virtio.ninep;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A folder whose file system answers nothing that asks for a file's status until it is told to. */
final class HangingFolder implements SharedFolder {
  private final SharedFolder folder;
  private final SharedFile root;
  private final CountDownLatch answers;
  private final AtomicInteger waiting;
  private volatile @Nullable Error defect;
  private volatile boolean isOutOfDescriptors;

  HangingFolder(NinepConfig config) throws IOException {
    this(SharedFolder.open(config), new CountDownLatch(1), new AtomicInteger());
  }

  private HangingFolder(SharedFolder folder, CountDownLatch answers, AtomicInteger waiting) {
    this.folder = folder;
    this.answers = answers;
    this.waiting = waiting;
    SharedFile real = folder.root();
    root =
        (SharedFile)
            Proxy.newProxyInstance(
                SharedFile.class.getClassLoader(),
                new Class<?>[] {SharedFile.class},
                (proxy, method, arguments) -> {
                  switch (method.getName()) {
                    case "isQuick" -> {
                      return false;
                    }
                    case "retain" -> {
                      return proxy;
                    }
                    case "release" -> {
                      return null;
                    }
                    case "status" -> {
                      waiting.incrementAndGet();
                      answers.await();
                      if (defect != null) {
                        throw defect;
                      }
                    }
                    default -> {
                      // Like the real one.
                    }
                  }
                  try {
                    return method.invoke(real, arguments);
                  } catch (InvocationTargetException failure) {
                    throw failure.getCause();
                  }
                });
  }

  /** Waits until as many have asked for a status as that. */
  void awaitWaiting(int count) {
    while (waiting.get() < count) {
      Thread.yield();
    }
  }

  /** From now on it answers. */
  void answer() {
    answers.countDown();
  }

  /** From now on it answers by what is thrown. */
  void answer(Error thrown) {
    defect = thrown;
    answer();
  }

  @Override
  public SharedFile root() {
    return root;
  }

  /** From now on it cannot be opened once more. */
  void refuseAnother() {
    isOutOfDescriptors = true;
  }

  @Override
  public SharedFolder another() {
    if (isOutOfDescriptors) {
      throw new IllegalStateException("no file descriptor left");
    }
    return new HangingFolder(folder.another(), answers, waiting);
  }

  @Override
  public void close() {
    folder.close();
  }
}
