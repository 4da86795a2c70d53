package org.maloca.x86.code;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.maloca.x86.Cpu;
import org.maloca.x86.CpuEvents;
import org.maloca.x86.GuestFault;
import org.maloca.x86.ir.CodeMode;
import org.maloca.x86.jfr.CodeCacheFlushed;
import org.maloca.x86.jfr.FlightRecording;
import org.maloca.x86.mmu.FetchStamps;
import org.maloca.x86.statistics.RegionExit;
import org.maloca.x86.translate.BlockFinder;
import org.maloca.x86.translate.Landing;
import org.maloca.x86.translate.Region;
import org.maloca.x86.translate.RegionDrop;
import org.maloca.x86.translate.RegionLayout;
import org.maloca.x86.translate.RegionLedger;
import org.maloca.x86.translate.ReturnPlaces;
import org.maloca.x86.translate.Translator;

/**
 * The decoded blocks of one vCPU, by physical page, with a direct-mapped cache by linear address in
 * front. Requests of other threads (stale pages, protection) are queued and served by the vCPU
 * between blocks.
 */
public final class CodeCache implements BlockFinder {
  /** Blocks kept in any case before cold ones are dropped. */
  static final int FEWEST_BLOCKS = 120_000;

  /** A compiler at work on a large file goes through 300,000. */
  static final int MOST_BLOCKS = 400_000;

  /** Of the heap, for the blocks of one vCPU. */
  private static final int HEAP_DIVISOR = 16;

  /** What a block takes, with what is only its own. */
  private static final int BLOCK_BYTES = 400;

  /** Pages kept, with or without blocks, before everything is dropped. */
  static final int MAX_PAGES = 32_768;

  /** Executions of a block that make it worth being kept when room is scarce. */
  private static final int COLD = 16;

  private static final int JUMP_ENTRIES = 1 << 15;
  private static final int FETCH_ENTRIES = 512;

  /** Stores that meet no code before a page is no longer watched, when it is dropped first... */
  static final int HARMLESS_WRITES_BEFORE_DROP = 256;

  /** ...and by which power of two more of them it takes each time that it is decoded again. */
  private static final int PATIENCE_SHIFT = 2;

  private static final int MOST_PATIENCE = 10;

  /** Some 2000 instructions, 30 microseconds, each time. */
  private static final int SAMPLE_BLOCKS = 400;

  private static final int REQUEST_CAPACITY = 64;

  /** The compiled regions of the blocks. */
  public final RegionLedger regions = new RegionLedger();

  private final Cpu cpu;
  private final CodeWatch watch;
  private final BlockDecoder decoder;
  private final @Nullable CodePage[] pages;

  /** Blocks kept before those that are executed seldom are dropped: a bound on memory. */
  private final int mostBlocks;

  private int blockCount;
  private int pageCount;

  /** By page, how often its code came back after stores had had it dropped. */
  private final byte[] patience;

  private final FetchStamps stamps;

  /** Blocks by linear address; which one each was found at is in the block. */
  private final @Nullable Block[] jumpBlocks = new Block[JUMP_ENTRIES];

  /** Tags and landings in turn: what is side by side costs the host's cache one miss. */
  private final long[] entryTags = new long[2 * JUMP_ENTRIES];

  private final @Nullable Region[] entryRegions = new Region[JUMP_ENTRIES];
  private final long[] fetchTags = new long[FETCH_ENTRIES];
  private final @Nullable CodePage[] fetchPages = new CodePage[FETCH_ENTRIES];

  private final Object requestLock = new Object();
  private final long[] protectRequests = new long[REQUEST_CAPACITY];
  private int protectCount;
  private final StalePages stalePages = new StalePages();
  private boolean flushRequested;
  private final List<Region> offeredRegions = new ArrayList<>();
  private final List<Region> unwantedRegions = new ArrayList<>();
  private boolean sampleRequested;
  private volatile boolean unserved;

  /** So many blocks are yet to be interpreted though they may be compiled; for the vCPU's loop. */
  public int blocksToInterpret;

  /** Whether they are looked at to be counted, and not what compiled code left for. */
  private boolean isSampling;

  /** Makes the cache of a vCPU. */
  public CodeCache(Cpu cpu, CodeWatch watch, BlockDecoder decoder) {
    this(cpu, watch, decoder, mostBlocks(Runtime.getRuntime().maxMemory()));
  }

  CodeCache(Cpu cpu, CodeWatch watch, BlockDecoder decoder, int mostBlocks) {
    this.mostBlocks = mostBlocks;
    this.cpu = cpu;
    this.watch = watch;
    this.decoder = decoder;
    this.pages = new CodePage[watch.ramPages()];
    this.patience = new byte[watch.ramPages()];
    this.stamps = cpu.mmu.fetchStamps;
    forgetPlaces();
    watch.register(this);
    cpu.code = this;
    cpu.mmu.setCodeWatch(watch);
    cpu.mmu.onStampsExhausted(this::forgetTranslations);
  }

  /** Blocks that a vCPU may keep. */
  static int mostBlocks(long heapBytes) {
    return (int) Math.clamp(heapBytes / HEAP_DIVISOR / BLOCK_BYTES, FEWEST_BLOCKS, MOST_BLOCKS);
  }

  Cpu cpu() {
    return cpu;
  }

  /** Blocks decoded and kept now. */
  public int blockCount() {
    return blockCount;
  }

  /** How long its vCPU has been halted, as far as it has told. */
  public long haltedNanos() {
    return cpu.counters.haltedNanos;
  }

  /** Pages watched for blocks now. */
  public int pageCount() {
    return pageCount;
  }

  /**
   * The block at CS:RIP for the current mode.
   *
   * @throws org.maloca.x86.GuestFault when the fetch of its first instruction faults
   */
  public Block current() {
    long linear = cpu.linearRip();
    int slot = jumpSlot(linear);
    long tag = stamps.tag(linear);
    Block known = jumpBlocks[slot];
    if (known != null && known.tag == tag && known.mode == cpu.mode && known.valid) {
      return limited(known);
    }
    Block block = find(linear, cpu.mode);
    // Looking it up may have served requests, after which the translation is an old one.
    if (block.ramPage >= 0 && stamps.tag(linear) == tag) {
      block.tag = tag;
      jumpBlocks[slot] = block;
    }
    return limited(block);
  }

  /**
   * The block at CS:RIP, after another was executed.
   *
   * @param expected what came after it the last time, or null
   * @param expectedMode mode of that
   * @throws org.maloca.x86.GuestFault when the fetch of its first instruction faults
   */
  public Block after(Block last, @Nullable Block expected, int expectedMode) {
    long tag = stamps.tag(cpu.linearRip());
    if (expected != null && expectedMode == cpu.mode && expected.tag == tag && expected.valid) {
      return limited(expected);
    }
    Block found = current();
    // It has another tag if it is not kept, or its translation is an old one.
    if (found.tag == tag && last.valid && !last.endsWithComputedJump) {
      last.successor = found;
    }
    return found;
  }

  private static int jumpSlot(long linear) {
    return (int) (linear ^ linear >>> 12) & JUMP_ENTRIES - 1;
  }

  /**
   * A block of one instruction at CS:RIP.
   *
   * @throws org.maloca.x86.GuestFault when its fetch faults
   */
  public Block single() {
    Block single = find(cpu.linearRip(), cpu.mode | BlockDecoder.SINGLE);
    if ((cpu.mode & CodeMode.FLAT) == 0 && !isWithinLimit(single)) {
      throw cpu.generalProtection();
    }
    return single;
  }

  /** The block, or its first instruction alone where CS ends before the block does. */
  private Block limited(Block block) {
    return (cpu.mode & CodeMode.FLAT) != 0 || isWithinLimit(block) ? block : single();
  }

  private boolean isWithinLimit(Block block) {
    return cpu.rip + block.length - 1 <= (cpu.segments[Cpu.CS].limit & 0xffff_ffffL);
  }

  private Block find(long linear, int mode) {
    CodePage page = pageOf(linear);
    if (page == null) {
      cpu.counters.blocksDecoded++;
      return decoder.decodeUncached(linear, mode);
    }
    int offset = (int) linear & 0xfff;
    Block block = page.find(offset, mode);
    if (block != null && (block.secondRamPage < 0 || stillCrossesInto(block, linear))) {
      return block;
    }
    return decode(page, linear, mode);
  }

  private boolean stillCrossesInto(Block block, long linear) {
    long next = cpu.wrapLinear((linear | 0xfff) + 1);
    boolean same = cpu.memory.ramPageOf(translateFetch(next)) == block.secondRamPage;
    if (!same) {
      block.invalidate();
    }
    return block.valid;
  }

  private @Nullable CodePage pageOf(long linear) {
    long tag = pageTag(linear);
    CodePage known = knownPage(linear, tag);
    if (known != null) {
      return known;
    }
    long gpa = translateFetch(linear);
    long ramPage = cpu.memory.ramPageOf(gpa);
    if (ramPage < 0) {
      return null;
    }
    CodePage page = pageFor(ramPage, gpa);
    if (pageTag(linear) == tag) {
      int slot = fetchSlot(linear);
      fetchTags[slot] = tag;
      fetchPages[slot] = page;
    }
    return page;
  }

  /**
   * Guest-physical address of code. A walk may meet an entry that another CPU wrote after it had
   * changed the code there: what was asked for by then is served, so that none of it is found as it
   * was.
   */
  private long translateFetch(long linear) {
    long gpa = cpu.mmu.translateFetch(linear);
    if (mayBeStale()) {
      serveRequests();
    }
    return gpa;
  }

  /** Whether anybody asked for something before an entry was written that a walk has met. */
  private boolean mayBeStale() {
    VarHandle.acquireFence();
    return (cpu.events.poll() & CpuEvents.STALE_CODE) != 0;
  }

  /** The page with code at a linear address, if it was translated lately and is still kept. */
  private @Nullable CodePage knownPage(long linear, long tag) {
    int slot = fetchSlot(linear);
    CodePage page = fetchPages[slot];
    return fetchTags[slot] == tag && page != null && pages[(int) page.ramPage] == page
        ? page
        : null;
  }

  private static int fetchSlot(long linear) {
    return (int) (linear >>> 12) & FETCH_ENTRIES - 1;
  }

  /** The privilege is part of it, since it decides whether the fetch is permitted. */
  private long pageTag(long linear) {
    return stamps.tag(linear & ~0xfffL) | (cpu.mode & CodeMode.USER) >>> 5;
  }

  private CodePage pageFor(long ramPage, long gpa) {
    CodePage page = pages[(int) ramPage];
    if (page == null) {
      watch.watch(cpu, ramPage);
      page = new CodePage(ramPage, gpa & ~0xfffL);
      pages[(int) ramPage] = page;
      pageCount++;
    }
    return page;
  }

  private Block decode(CodePage page, long linear, int mode) {
    if (blockCount >= mostBlocks || pageCount >= MAX_PAGES) {
      makeRoom();
      page = pageFor(page.ramPage, page.gpa);
    }
    while (true) {
      cpu.counters.blocksDecoded++;
      Block block = decoder.decode(linear, mode, page.gpa, page.ramPage);
      CodePage following =
          block.secondRamPage >= 0 ? pageFor(block.secondRamPage, decoder.secondGpa()) : null;
      // To watch the second page may have served requests that dropped the first.
      CodePage first = pageFor(page.ramPage, page.gpa);
      if (first != page || following != null && pages[(int) following.ramPage] != following) {
        page = first;
        continue;
      }
      if (following != null) {
        // The second page was perhaps not watched while it was decoded: look once more.
        block = decoder.decode(linear, mode, page.gpa, page.ramPage);
        following.addIncoming(block);
      }
      block.executions = headStart(page.rewrites(block));
      int before = page.blockCount();
      page.add(block);
      blockCount += page.blockCount() - before;
      return block;
    }
  }

  /**
   * Executions of a block to begin counting with. Code that is rewritten often is not worth being
   * compiled, alone or with its neighbours, until it was executed the more often for it.
   */
  private static int headStart(int rewrites) {
    return Translator.HOT - (Translator.HOT << Math.min(rewrites / 2, MOST_PATIENCE));
  }

  // Regions.

  @Override
  public @Nullable Block executedBlock(long linear, int mode) {
    long ramPage = ramPageOfCode(linear);
    CodePage page = ramPage < 0 ? null : pages[(int) ramPage];
    Block block = page == null ? null : page.find((int) linear & 0xfff, mode);
    return block == null || block.executions < 0 ? null : block;
  }

  /**
   * The page of RAM that code at a linear address lies in; -1 when it cannot be fetched, or not
   * before requests were served.
   */
  public long ramPageOfCode(long linear) {
    CodePage known = knownPage(linear, pageTag(linear));
    if (known != null) {
      return known.ramPage;
    }
    try {
      long ramPage = cpu.memory.ramPageOf(cpu.mmu.translateFetch(linear));
      return mayBeStale() ? -1 : ramPage;
    } catch (GuestFault notExecutable) {
      return -1;
    }
  }

  /**
   * The region that can be entered at RIP now, with the entry in {@link Cpu#nextEntry}; null when
   * there is none or the loop has to look at events first.
   */
  public @Nullable Region regionAtRip() {
    return mayEnterRegion() ? enterableAtRip() : null;
  }

  private @Nullable Region enterableAtRip() {
    long linear = cpu.linearRip();
    int slot = jumpSlot(linear);
    long tag = stamps.tag(linear);
    if (entryTags[2 * slot] == tag) {
      Region region = entryRegions[slot];
      long landing = entryTags[2 * slot + 1];
      if (region != null
          && Landing.mode(landing) == cpu.mode
          && region.isMappedAt(cpu, Landing.entryOffset(landing))) {
        cpu.nextEntry = Landing.entry(landing);
        return region;
      }
    }
    return regionOfBlock(linear, slot, tag);
  }

  /**
   * The same after a function returned, which pops the slot below RSP. Where a call of the JVM's
   * waits for that, there is nothing to look for.
   */
  public @Nullable Region regionReturnedTo() {
    if (cpu.awaitedReturnSlot == cpu.rsp - Long.BYTES || !mayEnterRegion()) {
      return null;
    }
    Region caller = ReturnPlaces.find(cpu);
    return caller != null || cpu.callDepth > 0 ? caller : enterableAtRip();
  }

  private boolean mayEnterRegion() {
    if (blocksToInterpret > 0) {
      return false;
    }
    if (cpu.events.poll() != 0) {
      cpu.counters.exit = RegionExit.EVENT;
      return false;
    }
    return !cpu.halted && (cpu.mode & CodeMode.FLAT) != 0;
  }

  private @Nullable Region regionOfBlock(long linear, int slot, long tag) {
    Block known = jumpBlocks[slot];
    Block block = known != null && known.tag == tag ? known : executedBlock(linear, cpu.mode);
    if (block == null || block.mode != cpu.mode || !block.valid) {
      return null;
    }
    Region region = block.region;
    if (region == null || !region.isMappedAt(cpu, block.regionEntryOffset)) {
      return null;
    }
    // Looking it up may have served requests, after which the translation is an old one.
    if (block.secondRamPage < 0 && stamps.tag(linear) == tag) {
      entryTags[2 * slot] = tag;
      entryTags[2 * slot + 1] = Landing.of(block.regionEntryOffset, block.mode, block.regionEntry);
      entryRegions[slot] = region;
    }
    cpu.nextEntry = block.regionEntry;
    return region;
  }

  /** Has the loop interpret the next block, though it may be compiled. */
  public void interpretNext() {
    if (blocksToInterpret == 0) {
      blocksToInterpret = 1;
      isSampling = false;
    }
  }

  /** Notes that one of {@link #blocksToInterpret} is interpreted now. */
  public void interpreted(Block block) {
    blocksToInterpret--;
    if (isSampling) {
      block.samples++;
    }
  }

  /**
   * Has the vCPU come out of compiled code if it is executing any, so that what it executed counts
   * and regions that are wanted better are entered anew. For a moment it then goes through its code
   * block by block, which tells what is executed how often. From any thread.
   */
  public void nudge() {
    if (cpu.events.isExecuting()) {
      synchronized (requestLock) {
        sampleRequested = true;
        unserved = true;
      }
      cpu.events.post(CpuEvents.STALE_CODE);
    }
  }

  /** Takes a region from the translator's thread; the vCPU installs it. */
  public void offerRegion(Region region) {
    synchronized (requestLock) {
      offeredRegions.add(region);
      unserved = true;
    }
    cpu.events.post(CpuEvents.STALE_CODE);
  }

  /** Asks the vCPU to do without a region; from the translator's thread. */
  public void requestDrop(Region region) {
    synchronized (requestLock) {
      unwantedRegions.add(region);
      unserved = true;
    }
    cpu.events.post(CpuEvents.STALE_CODE);
  }

  private void dropUnwanted() {
    if (unwantedRegions.isEmpty()) {
      return;
    }
    RegionDrop before = regions.dropsBecause(RegionDrop.EVICTED);
    for (Region region : unwantedRegions) {
      if (region.valid) {
        region.drop();
      }
    }
    unwantedRegions.clear();
    regions.dropsBecause(before);
  }

  private void install(Region offered) {
    RegionLayout layout = offered.layout();
    for (Block block : layout.blocks()) {
      if (!block.valid) {
        regions.late();
        offered.drop();
        return;
      }
    }
    Block[] entries = layout.entries();
    if (offered.isBest()) {
      RegionDrop before = regions.dropsBecause(RegionDrop.REPLACED);
      for (Block entry : entries) {
        replaceQuickRegions(entry);
      }
      regions.dropsBecause(before);
    }
    regions.installed(offered);
    for (Block block : layout.blocks()) {
      block.containedIn(offered);
    }
    for (int i = 0; i < entries.length; i++) {
      // An entry in the midst of another region keeps that one: it was the hotter start.
      if (i == 0 || entries[i].region == null) {
        entries[i].region = offered;
        entries[i].regionEntry = i;
        entries[i].regionEntryOffset = layout.entryOffset(i);
      }
    }
  }

  /** Small regions that run through a block would never get to the better one that begins there. */
  private static void replaceQuickRegions(Block entry) {
    for (Region container : List.copyOf(entry.containers())) {
      if (!container.isBest()) {
        container.drop();
        for (Block block : container.layout().blocks()) {
          block.executions = Math.max(block.executions, Translator.NEARLY_HOT);
        }
      }
    }
  }

  /** Whether this vCPU has compiled code among those bytes of RAM. */
  boolean hasCompiledCodeAt(long ramOffset, int size) {
    CodePage page = pages[(int) (ramOffset >>> 12)];
    int from = (int) ramOffset & 0xfff;
    return page != null && page.coversCompiled(from, Math.min(from + size, 0x1000));
  }

  // Staleness.

  /** This vCPU itself stored to a watched page of which it has code. */
  void codeWritten(long ramOffset, int size) {
    int from = (int) ramOffset & 0xfff;
    pageWritten((int) (ramOffset >>> 12), from, from + size, 1);
  }

  private void pageWritten(int ramPage, int from, int to, int writes) {
    CodePage page = pages[ramPage];
    if (page == null) {
      return;
    }
    if (to - from >= 0x1000) {
      dropPage(page);
      return;
    }
    int end = Math.min(to, 0x1000);
    if (page.covers(from, end)) {
      cpu.counters.codeWrites += writes;
      // A page without blocks stays watched: code that is rewritten is executed again.
      int before = page.blockCount();
      page.rewrite(from, end);
      blockCount -= before - page.blockCount();
      return;
    }
    cpu.counters.harmlessWrites += writes;
    page.harmlessWrites += writes;
    if (page.harmlessWrites >= HARMLESS_WRITES_BEFORE_DROP << PATIENCE_SHIFT * patience[ramPage]) {
      page.harmlessWrites = 0;
      patience[ramPage] = (byte) Math.min(patience[ramPage] + 1, MOST_PATIENCE);
      if (cpu.inRegion) {
        // Compiled code may be that of the page: dropped once it is left.
        requestInvalidation(ramPage, 0, 0x1000);
      } else {
        dropPage(page);
      }
    }
  }

  /** Much of a page is about to be overwritten by this vCPU, outside compiled code. */
  void abandonPage(long ramPage) {
    CodePage page = pages[(int) ramPage];
    if (page != null) {
      dropPage(page);
    }
  }

  /** Forgets a page and its blocks; the last vCPU to do so ends the watch. */
  private void dropPage(CodePage page) {
    cpu.counters.pagesDropped++;
    RegionDrop before = regions.dropsBecause(RegionDrop.PAGE_DROPPED);
    forget(page);
    regions.dropsBecause(before);
  }

  private void forget(CodePage page) {
    blockCount -= page.blockCount();
    page.invalidate(0, 0x1000);
    pages[(int) page.ramPage] = null;
    pageCount--;
    watch.release(cpu, page.ramPage);
  }

  /** Forgets what is seldom executed, and all that is not compiled if that does not do. */
  private void makeRoom() {
    cpu.counters.evictions++;
    RegionDrop before = regions.dropsBecause(RegionDrop.COLD);
    evict();
    regions.dropsBecause(before);
    if (blockCount >= mostBlocks / 4 * 3 || pageCount >= MAX_PAGES / 4 * 3) {
      dropEverything(CodeFlush.FULL);
    }
  }

  private void evict() {
    for (int executions = COLD; executions <= Translator.HOT; executions *= 4) {
      for (CodePage page : pages) {
        if (page != null) {
          int before = page.blockCount();
          page.dropColderThan(executions);
          blockCount -= before - page.blockCount();
          if (page.isEmpty()) {
            dropPage(page);
          }
        }
      }
      if (blockCount < mostBlocks / 2 && pageCount < MAX_PAGES / 2) {
        return;
      }
    }
  }

  private void dropEverything(CodeFlush cause) {
    cpu.counters.codeFlushes++;
    if (FlightRecording.isOn()) {
      recordFlush(cause);
    }
    RegionDrop before = regions.dropsBecause(RegionDrop.FLUSHED);
    for (CodePage page : pages) {
      if (page != null) {
        forget(page);
      }
    }
    regions.dropsBecause(before);
    Arrays.fill(patience, (byte) 0);
    forgetPlaces();
  }

  private void recordFlush(CodeFlush cause) {
    CodeCacheFlushed event = new CodeCacheFlushed();
    event.vcpu = cpu.index;
    event.cause = cause.name();
    event.blocks = blockCount;
    event.pages = pageCount;
    event.commit();
  }

  /** Stamps start over: no tag of before may be met again, those of blocks included. */
  private void forgetTranslations() {
    for (CodePage page : pages) {
      if (page != null) {
        page.forgetTags();
      }
    }
    forgetPlaces();
  }

  /** Forgets what is kept by linear address, beside the blocks. */
  private void forgetPlaces() {
    Arrays.fill(entryTags, FetchStamps.NO_TAG);
    Arrays.fill(entryRegions, null);
    Arrays.fill(fetchTags, FetchStamps.NO_TAG);
  }

  // Requests of other threads.

  void requestProtection(long ramPage) {
    synchronized (requestLock) {
      if (protectCount < REQUEST_CAPACITY) {
        protectRequests[protectCount++] = ramPage;
      } else {
        flushRequested = true;
      }
      unserved = true;
    }
    cpu.events.post(CpuEvents.STALE_CODE);
  }

  /** Others wrote bytes of a page: all writes until the vCPU looks make one request. */
  void requestInvalidation(long ramPage, int from, int to) {
    synchronized (requestLock) {
      flushRequested |= !stalePages.add((int) ramPage, from, to);
      unserved = true;
    }
    cpu.events.post(CpuEvents.STALE_CODE);
  }

  void requestFlush() {
    synchronized (requestLock) {
      flushRequested = true;
      unserved = true;
    }
    cpu.events.post(CpuEvents.STALE_CODE);
  }

  /** True while the vCPU executes and has requests that it did not serve yet. */
  boolean hasUnservedRequests() {
    return unserved && cpu.events.isExecuting();
  }

  /** Serves what other threads asked for; on the vCPU's thread, between instructions. */
  public void serveRequests() {
    // First the event, then the flag: who asks sets them the other way round, so that an event may
    // find its request served already, and must then go away, but no request is left without one.
    if ((cpu.events.poll() & CpuEvents.STALE_CODE) != 0) {
      cpu.events.clear(CpuEvents.STALE_CODE);
    }
    if (!unserved) {
      return;
    }
    synchronized (requestLock) {
      if (flushRequested) {
        flushRequested = false;
        stalePages.clear();
        cpu.mmu.flushAll();
        dropEverything(CodeFlush.REQUESTED);
      } else {
        for (int i = 0; i < protectCount; i++) {
          cpu.mmu.protectRamPage(protectRequests[i]);
        }
        stalePages.takeAll(this::pageWritten);
      }
      dropUnwanted();
      offeredRegions.forEach(this::install);
      offeredRegions.clear();
      if (sampleRequested) {
        sampleRequested = false;
        blocksToInterpret = SAMPLE_BLOCKS;
        isSampling = true;
      }
      protectCount = 0;
      unserved = false;
    }
  }

  /** Forgets everything, as after a reset or a restored snapshot. */
  public void clear() {
    cpu.mmu.flushAll();
    dropEverything(CodeFlush.STATE_REPLACED);
  }
}
