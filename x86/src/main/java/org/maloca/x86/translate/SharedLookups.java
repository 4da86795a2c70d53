package org.maloca.x86.translate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.ir.Insn;

/**
 * Decides which accesses of a block in 64-bit code share a look at the TLB: those of the same
 * origin that are near each other, like what a function saves on the stack, or the fields of one
 * object. Nothing that changes translations or permissions comes between them: that is left to
 * handlers, or ends blocks.
 */
final class SharedLookups {
  /** The farther, the more often they are not in one page. */
  private static final int MOST_BYTES = 256;

  /** Look-ups that are known at one time. */
  static final int LOCALS = 8;

  /** How many blocks it looks ahead. */
  private static final int FORESIGHT = 3;

  private static final int RSP = 4;
  private static final int RBP = 5;
  private static final int SLOT_BYTES = 8;

  /** An instruction's access, in a look-up. */
  record Access(SharedLookup lookup, long displacement, boolean stores) {}

  /** Where an instruction accesses memory. */
  private record Place(SharedLookup.Origin origin, long displacement, int size, boolean stores) {}

  /** What is known where a block ends, for those that are come to from there alone. */
  record Known(KnownAddresses addresses, List<SharedLookup> lookups, int nextLocal) {}

  private final Predicate<Insn> isEmitted;
  private final IntPredicate isApart;
  private final Function<RegionBlock, List<RegionBlock>> followers;
  private final int least;
  private final @Nullable Access[] operands;
  private final @Nullable Access[] slots;

  /** As far as the block was gone through. */
  private KnownAddresses addresses;

  /** Those that are in force there. */
  private final List<SharedLookup> lookups;

  private int nextLocal;

  /**
   * Goes through a block.
   *
   * @param before what is known at its beginning; null for nothing
   * @param least accesses that are worth a look-up for them; others are on their own
   * @param isEmitted whether an instruction is not left to a handler
   * @param isApart whether what an instruction of the block, by number, pushes or pops is on its
   *     own
   * @param followers the blocks that are come to from one alone, by a plain jump
   */
  SharedLookups(
      RegionBlock block,
      @Nullable Known before,
      int least,
      Predicate<Insn> isEmitted,
      IntPredicate isApart,
      Function<RegionBlock, List<RegionBlock>> followers) {
    this.least = least;
    this.isEmitted = isEmitted;
    this.isApart = isApart;
    this.followers = followers;
    Insn[] insns = block.block().insns();
    operands = new Access[insns.length];
    slots = new Access[insns.length];
    addresses = before == null ? new KnownAddresses() : before.addresses.copy();
    lookups = before == null ? new ArrayList<>() : new ArrayList<>(before.lookups);
    nextLocal = before == null ? 0 : before.nextLocal;
    if (!CodeMode.is64(block.block().mode)) {
      return;
    }
    for (int i = 0; i < insns.length; i++) {
      note(i, insns[i], block.at(insns[i]));
    }
    foresee(block, FORESIGHT);
  }

  /** Has look-ups of the block do for accesses that may follow it, where they do as they are. */
  private void foresee(RegionBlock block, int depth) {
    KnownAddresses before = addresses;
    for (RegionBlock follower : followers.apply(block)) {
      addresses = before.copy();
      boolean goesOn = true;
      for (Insn insn : follower.block().insns()) {
        goesOn &= insn.operation.endsBlock() || isEmitted.test(insn);
        if (goesOn) {
          Place operand = operandPlace(insn, follower.at(insn));
          Place slot = slotPlace(insn);
          if (operand != null) {
            widen(operand);
          }
          if (slot != null) {
            widen(slot);
          }
          addresses.follow(insn);
        }
      }
      if (goesOn && depth > 1) {
        foresee(follower, depth - 1);
      }
    }
    addresses = before;
  }

  private void widen(Place place) {
    for (SharedLookup lookup : lookups) {
      if (lookup.origin.equals(place.origin)
          && !lookup.isKnown()
          && lookup.take(place.displacement, place.size, place.stores, MOST_BYTES)) {
        return;
      }
    }
  }

  /** The access of an instruction's memory operand; null where it is on its own. */
  @Nullable Access operand(int index) {
    return worthwhile(operands[index]);
  }

  /** The access of what an instruction pushes or pops; null where it is on its own. */
  @Nullable Access slot(int index) {
    return worthwhile(slots[index]);
  }

  private @Nullable Access worthwhile(@Nullable Access access) {
    return access != null && access.lookup.accesses() >= least ? access : null;
  }

  /** What is known behind the block, which was emitted. */
  Known after() {
    List<SharedLookup> known = new ArrayList<>(lookups.size());
    for (SharedLookup lookup : lookups) {
      if (lookup.isKnown()) {
        known.add(lookup);
      }
    }
    return new Known(addresses, known, nextLocal);
  }

  private void note(int index, Insn insn, int at) {
    boolean ends = insn.operation.endsBlock();
    if (!ends && !isEmitted.test(insn)) {
      lookups.clear();
      addresses.forgetAll();
      return;
    }
    Place operand = operandPlace(insn, at);
    Place slot = isApart.test(index) ? null : slotPlace(insn);
    operands[index] = operand == null ? null : access(operand);
    slots[index] = slot == null ? null : access(slot);
    if (!ends) {
      addresses.follow(insn);
    }
  }

  private @Nullable Place operandPlace(Insn insn, int at) {
    int size = SharedOperands.bytes(insn);
    if (size == 0 || insn.segment >= Cpu.FS || insn.addressSize != 8) {
      return null;
    }
    if (insn.base == Insn.NO_REGISTER && insn.index == Insn.NO_REGISTER && !insn.ripRelative) {
      return null;
    }
    int base = insn.ripRelative ? KnownAddresses.BASE : addresses.origin(insn.base);
    long displacement =
        insn.displacement
            + (insn.ripRelative ? at + insn.length : addresses.displacement(insn.base))
            + (addresses.displacement(insn.index) << insn.scale);
    var origin = new SharedLookup.Origin(base, addresses.origin(insn.index), insn.scale);
    return new Place(origin, displacement, size, SharedOperands.stores(insn));
  }

  private @Nullable Place slotPlace(Insn insn) {
    if (insn.operandSize != SLOT_BYTES) {
      return null;
    }
    return switch (insn.operation) {
      case PUSH, PUSHF, CALL, CALL_INDIRECT -> slot(RSP, -SLOT_BYTES, true);
      case POP, RET -> slot(RSP, 0, false);
      case LEAVE -> slot(RBP, 0, false);
      default -> null;
    };
  }

  private Place slot(int register, long distance, boolean stores) {
    var origin = new SharedLookup.Origin(addresses.origin(register), KnownAddresses.NONE, 0);
    return new Place(origin, addresses.displacement(register) + distance, SLOT_BYTES, stores);
  }

  private Access access(Place place) {
    for (SharedLookup lookup : lookups) {
      if (lookup.origin.equals(place.origin)
          && (lookup.covers(place.displacement, place.size, place.stores)
              || !lookup.isKnown()
                  && lookup.take(place.displacement, place.size, place.stores, MOST_BYTES))) {
        lookup.count();
        return new Access(lookup, place.displacement, place.stores);
      }
    }
    int local = Locals.lookup(nextLocal++ % LOCALS);
    lookups.removeIf(old -> old.local == local);
    var lookup =
        new SharedLookup(
            place.origin, local, place.displacement, place.displacement + place.size, place.stores);
    lookup.count();
    lookups.add(lookup);
    return new Access(lookup, place.displacement, place.stores);
  }
}
