package org.maloca.net.nat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The flows of one protocol. Each machine may have {@code perPort} of them and all together {@code
 * total}: the flow that makes room is the one that has been idle longest among those of the machine
 * that has the most, so that who floods the table pushes out its own. The hash has a secret, so
 * that a guest cannot aim at one bucket. Guarded by the network's lock; looking up allocates
 * nothing.
 */
public final class FlowTable<F extends Flow> {
  private static final int INITIAL_BUCKETS = 256;

  /** A machine's flows by last use. */
  private static final class Owner {
    @Nullable Flow newest;
    @Nullable Flow oldest;
    int count;
  }

  private final Class<F> kind;
  private final int perPort;
  private final int total;
  private final long secret;
  private final Map<Integer, Owner> owners = new HashMap<>();
  private @Nullable Flow[] buckets = new @Nullable Flow[INITIAL_BUCKETS];
  private int size;
  private long evicted;

  /** Makes an empty table. */
  public FlowTable(Class<F> kind, int perPort, int total) {
    this.kind = kind;
    this.perPort = perPort;
    this.total = total;
    secret = new SplittableRandom().nextLong() | 1;
  }

  public int size() {
    return size;
  }

  /** How many flows had to make room for others. */
  public long evicted() {
    return evicted;
  }

  /** The flow of these ends; null if there is none. */
  public @Nullable F find(
      int portNumber, long gHigh, long gLow, int gPort, long rHigh, long rLow, int rPort) {
    int hash = hash(portNumber, gHigh, gLow, gPort, rHigh, rLow, rPort);
    Flow flow = buckets[hash & buckets.length - 1];
    while (flow != null && !flow.matches(portNumber, gHigh, gLow, gPort, rHigh, rLow, rPort)) {
      flow = flow.nextInBucket;
    }
    return flow == null ? null : kind.cast(flow);
  }

  private int hash(
      int portNumber, long gHigh, long gLow, int gPort, long rHigh, long rLow, int rPort) {
    long mixed = secret;
    mixed = mix(mixed ^ gHigh) + gLow;
    mixed = mix(mixed ^ rHigh) + rLow;
    mixed = mix(mixed ^ ((long) portNumber << 32 | (long) gPort << 16 | rPort));
    return (int) (mixed >>> 32);
  }

  private static long mix(long value) {
    long product = (value ^ value >>> 32) * 0x9e37_79b9_7f4a_7c15L;
    product = (product ^ product >>> 29) * 0xbf58_476d_1ce4_e5b9L;
    return product ^ product >>> 32;
  }

  /** Adds a flow whose ends are not in, making room for it. */
  public void add(F flow) {
    F going = nextToGo(flow.port.number());
    if (going != null) {
      evict(going);
    }
    if (size >= buckets.length) {
      grow();
    }
    flow.hash =
        hash(
            flow.port.number(),
            flow.guestHigh,
            flow.guestLow,
            flow.guestPort,
            flow.remoteHigh,
            flow.remoteLow,
            flow.remotePort);
    flow.isInTable = true;
    chain(flow);
    Owner owner = owner(flow);
    link(owner, flow);
    owner.count++;
    size++;
  }

  /** The flow that would make room for one more of a machine; null if there is room. */
  public @Nullable F nextToGo(int portNumber) {
    Owner own = owners.get(portNumber);
    Owner giving = own != null && own.count >= perPort ? own : size >= total ? greediest() : null;
    return giving == null || giving.oldest == null ? null : kind.cast(giving.oldest);
  }

  private @Nullable Owner greediest() {
    Owner greediest = null;
    for (Owner each : owners.values()) {
      greediest = greediest == null || each.count > greediest.count ? each : greediest;
    }
    return greediest;
  }

  private Owner owner(Flow flow) {
    return owners.computeIfAbsent(flow.port.number(), number -> new Owner());
  }

  private void evict(Flow flow) {
    evicted++;
    flow.evict();
    remove(flow);
  }

  private void chain(Flow flow) {
    int at = flow.hash & buckets.length - 1;
    flow.nextInBucket = buckets[at];
    buckets[at] = flow;
  }

  private void grow() {
    @Nullable Flow[] old = buckets;
    buckets = new @Nullable Flow[old.length * 2];
    for (Flow first : old) {
      Flow flow = first;
      while (flow != null) {
        Flow next = flow.nextInBucket;
        chain(flow);
        flow = next;
      }
    }
  }

  /** Says that a flow was used just now. */
  public void touch(F flow) {
    if (flow.newer != null && flow.isInTable) {
      Owner owner = owner(flow);
      unlink(owner, flow);
      link(owner, flow);
    }
  }

  private static void link(Owner owner, Flow flow) {
    flow.newer = null;
    flow.older = owner.newest;
    if (owner.newest != null) {
      owner.newest.newer = flow;
    } else {
      owner.oldest = flow;
    }
    owner.newest = flow;
  }

  private static void unlink(Owner owner, Flow flow) {
    if (flow.newer == null) {
      owner.newest = flow.older;
    } else {
      flow.newer.older = flow.older;
    }
    if (flow.older == null) {
      owner.oldest = flow.newer;
    } else {
      flow.older.newer = flow.newer;
    }
    flow.newer = null;
    flow.older = null;
  }

  /** Takes a flow out, if it is in. */
  public void remove(Flow flow) {
    if (!flow.isInTable) {
      return;
    }
    flow.isInTable = false;
    int at = flow.hash & buckets.length - 1;
    Flow before = null;
    Flow each = buckets[at];
    while (each != null && each != flow) {
      before = each;
      each = each.nextInBucket;
    }
    if (before == null) {
      buckets[at] = flow.nextInBucket;
    } else {
      before.nextInBucket = flow.nextInBucket;
    }
    flow.nextInBucket = null;
    Owner owner = owner(flow);
    unlink(owner, flow);
    size--;
    if (--owner.count == 0) {
      owners.remove(flow.port.number());
    }
  }

  /** Shows all flows; none may be added or removed meanwhile. */
  public void forEach(Consumer<? super F> action) {
    for (Owner owner : owners.values()) {
      for (Flow flow = owner.oldest; flow != null; flow = flow.newer) {
        action.accept(kind.cast(flow));
      }
    }
  }

  /** Evicts all flows of a machine; of all machines if {@code portNumber} is 0. */
  public void evictAll(int portNumber) {
    for (Integer number : owners.keySet().toArray(new Integer[0])) {
      Owner owner = owners.get(number);
      while (owner != null && owner.oldest != null && (portNumber == 0 || portNumber == number)) {
        evict(owner.oldest);
      }
    }
  }
}
