package org.maloca.x86.translate;

import org.maloca.core.jvm.CompilerPriority;
import org.maloca.core.jvm.JvmAdvice;
import org.maloca.x86.code.Block;
import org.maloca.x86.code.CodeCache;
import org.maloca.x86.interpret.HandlerTable;
import org.maloca.x86.ir.CodeMode;

/**
 * Turns hot blocks into regions on a thread of its own, for all vCPUs of a machine. A vCPU
 * requests, and installs what comes back between blocks, so that it alone changes its code cache.
 */
public final class Translator implements AutoCloseable {
  /** Executions of a block before its region is requested; a power of two. */
  public static final int HOT = 1024;

  /** Executions that a block is credited with whose region had to go for a better one. */
  public static final int NEARLY_HOT = HOT - 128;

  private static final System.Logger LOG = System.getLogger(Translator.class.getName());

  /** A longer queue would only translate what has cooled down; blocks ask again later. */
  private static final int QUEUE_CAPACITY = 1024;

  /** How many times as hot as the first entry another must be for a region to begin there. */
  private static final int FAR_HOTTER = 2;

  /** How often it is looked which regions got hot. */
  private static final long IDLE_WAIT_NANOS = 3_000_000;

  private final RequestQueue queue = new RequestQueue(QUEUE_CAPACITY);
  private final TranslationJournal journal;
  private final RegionCompiler compiler;
  private final int maxRegions;
  private final int vcpus;
  private final Thread thread;
  private volatile boolean closed;

  /** Makes a translator with default options and starts its thread. */
  public Translator(HandlerTable handlers, String name) {
    this(handlers, name, TranslatorOptions.DEFAULT);
  }

  /** Makes a translator and starts its thread. */
  public Translator(HandlerTable handlers, String name, TranslatorOptions options) {
    journal = new TranslationJournal(options);
    maxRegions = options.maxRegions();
    vcpus = options.vcpus();
    compiler = new RegionCompiler(handlers, this::requestBetter, journal);
    thread = new Thread(this::work, name + "-translator");
    thread.setDaemon(true);
    thread.start();
  }

  /** Loads what every one needs, unless it is there; from any thread. */
  public static void load() {
    RegionInlining.ensure();
  }

  /**
   * Asks for the region around a hot block; on its vCPU's thread.
   *
   * @param gva where the block was executed
   */
  public void request(Block block, long gva, CodeCache cache) {
    if (block.executions >= HOT && mayTranslate(block) && !block.isAwaited()) {
      long since = System.nanoTime();
      RegionShape shape = RegionShape.around(block, gva, cache, RegionShape.Kind.QUICK);
      Ticket ticket = new Ticket();
      if (offer(new TranslationRequest(block, shape, cache, ticket), since)) {
        shape.blocks().forEach(awaiting -> awaiting.block().await(ticket));
      }
    }
  }

  private boolean offer(TranslationRequest request, long sinceNanos) {
    long shapingNanos = System.nanoTime() - sinceNanos;
    boolean accepted = queue.offer(request);
    counters().requested(accepted, queue.size(), shapingNanos);
    return accepted;
  }

  /** The entry that is run through most; the first unless another is by far hotter. */
  private static int hottest(Block[] entries) {
    int hottest = 0;
    for (int i = 1; i < entries.length; i++) {
      if (entries[i].samples > entries[hottest].samples * (hottest == 0 ? FAR_HOTTER : 1)) {
        hottest = i;
      }
    }
    return hottest;
  }

  private static boolean hasBest(Block block) {
    Region region = block.region;
    return region != null && region.isBest();
  }

  /** Asks for a larger region in place of a hot one; on its vCPU's thread. */
  private void requestBetter(Region region, long base, CodeCache cache) {
    RegionLayout layout = region.layout();
    int entry = hottest(layout.entries());
    Block start = layout.entries()[entry];
    long gva = base + layout.entryOffset(entry);
    long since = System.nanoTime();
    RegionShape shape = RegionShape.around(start, gva, cache, RegionShape.Kind.BEST);
    RegionBlock function = shape.recursiveFunction();
    if (function != null && !hasBest(function.block())) {
      start = function.block();
      gva = shape.base() + function.offset();
      shape = RegionShape.around(start, gva, cache, RegionShape.Kind.BEST);
    }
    TranslationRequest request = new TranslationRequest(start, shape, cache, new Ticket());
    boolean ignored = offer(request, since);
  }

  /**
   * Translates a block that may be translated at once, on its vCPU's thread: for comparisons.
   *
   * @param best as the hottest code is translated, else as warm code is
   */
  public void translateNow(Block block, long gva, CodeCache cache, boolean best) {
    RegionShape.Kind kind = best ? RegionShape.Kind.BEST : RegionShape.Kind.QUICK;
    cache.offerRegion(translated(block, gva, cache, kind));
    cache.serveRequests();
  }

  /** The region around a block, for its vCPU to install. */
  Region translated(Block block, long gva, CodeCache cache, RegionShape.Kind kind) {
    return compiler.compile(RegionShape.around(block, gva, cache, kind));
  }

  /** Whether a region may begin with a block. */
  public static boolean mayTranslate(Block block) {
    return (block.mode & CodeMode.FLAT) != 0
        && (block.mode & CodeMode.WIDTH_MASK) != 0
        && block.isWatched();
  }

  private void work() {
    JvmAdvice.giveOnce(true);
    CompilerPriority.lower(vcpus);
    try (RegionTiers tiers = new RegionTiers(thread.getName(), journal, maxRegions)) {
      serve(tiers);
    } catch (InterruptedException closing) {
      // Regions that nobody waits for any more.
    }
  }

  private void serve(RegionTiers tiers) throws InterruptedException {
    while (!closed) {
      try {
        TranslationRequest request = queue.poll(tiers.takesBest(), IDLE_WAIT_NANOS);
        if (request != null) {
          take(request, tiers);
        }
        tiers.advance(System.nanoTime());
      } catch (RuntimeException | LinkageError broken) {
        // The block stays with the interpreter, which runs everything.
        LOG.log(System.Logger.Level.ERROR, "a region could not be compiled", broken);
      }
    }
  }

  private void take(TranslationRequest request, RegionTiers tiers) throws InterruptedException {
    boolean taken = false;
    try {
      if (request.isWanted()) {
        Region region = compiler.compile(request.shape());
        tiers.add(region, request.cache(), request.ticket(), System.nanoTime());
        taken = true;
      } else {
        counters().unwanted++;
      }
    } finally {
      if (!taken) {
        request.ticket().close();
      }
    }
  }

  /** What it has done so far; the same object for ever. */
  public TranslationCounters counters() {
    return journal.counters();
  }

  /** Requests that wait now. */
  public int queueLength() {
    return queue.size();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
