package org.maloca.devices.virtio.scsi;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.IoVector;
import org.maloca.core.snapshot.SnapshotReader;
import org.maloca.core.snapshot.SnapshotWriter;
import org.maloca.devices.disk.DiskBounds;
import org.maloca.devices.scsi.CdDrive;
import org.maloca.devices.scsi.LogicalUnit;
import org.maloca.devices.scsi.ScsiBus;
import org.maloca.devices.scsi.ScsiTarget;
import org.maloca.devices.scsi.Sense;
import org.maloca.devices.virtio.DescriptorChain;
import org.maloca.devices.virtio.VirtioConfig;
import org.maloca.devices.virtio.VirtioDevice;
import org.maloca.devices.virtio.VirtioQueue;

/**
 * A SCSI controller (virtio 1.2, section 5.6). Its units can be plugged in and taken out while the
 * guest runs.
 */
public final class VirtioScsi extends VirtioDevice {
  private static final int TYPE = 8;

  private static final long F_HOTPLUG = 1L << 1;
  private static final long F_CHANGE = 1L << 2;

  private static final int CONFIG_BYTES = 36;
  private static final int NUM_QUEUES = 0;
  private static final int SEG_MAX = 4;
  private static final int MAX_SECTORS = 8;
  private static final int CMD_PER_LUN = 12;
  private static final int EVENT_INFO_SIZE = 16;
  private static final int SENSE_SIZE = 20;
  private static final int CDB_SIZE = 24;
  private static final int MAX_TARGET = 30;
  private static final int MAX_LUN = 32;

  private static final int DEFAULT_SENSE_BYTES = 96;
  private static final int DEFAULT_CDB_BYTES = 32;
  private static final int MAX_SENSE_BYTES = 252;
  private static final int MAX_CDB_BYTES = 260;

  private static final int CONTROL_QUEUE = 0;
  private static final int EVENT_QUEUE = 1;
  private static final int FIRST_REQUEST_QUEUE = 2;
  private static final int CONTROL_QUEUE_SIZE = 64;
  private static final int REQUEST_QUEUE_SIZE = 512;

  private static final int TASK_MANAGEMENT = 0;
  private static final int NOTIFICATION_QUERY = 1;
  private static final int NOTIFICATION_SUBSCRIBE = 2;
  private static final int TASK_MANAGEMENT_BYTES = 24;
  private static final int NOTIFICATION_BYTES = 16;
  private static final int NOTIFICATION_ANSWER_BYTES = 5;
  private static final int ADDRESS_IN_TASK_MANAGEMENT = 8;
  private static final int ADDRESS_IN_NOTIFICATION = 4;
  private static final int TAG = 16;

  private static final int SECTION_VERSION = 1;

  private final VirtioConfig config = new VirtioConfig(CONFIG_BYTES);
  private final ScsiBus bus = new ScsiBus();
  private final ScsiTasks tasks = new ScsiTasks(bus, this::drainAll);
  private final ScsiEvents events;
  private final ScsiRequest[] requests;
  private final byte[] control = new byte[TASK_MANAGEMENT_BYTES];
  private volatile int senseBytes = DEFAULT_SENSE_BYTES;
  private volatile int cdbBytes = DEFAULT_CDB_BYTES;

  /**
   * Makes a controller without units.
   *
   * @param requestQueues 1 to 64
   * @param isPacked whether packed rings are offered
   */
  public VirtioScsi(String id, GuestMemory memory, int requestQueues, boolean isPacked) {
    super(id, TYPE, F_HOTPLUG | F_CHANGE, isPacked, memory, queueSizes(requestQueues));
    events = new ScsiEvents(queue(EVENT_QUEUE));
    requests = new ScsiRequest[requestQueues];
    Arrays.setAll(requests, i -> new ScsiRequest(bus, tasks));
    config.set(NUM_QUEUES, 4, requestQueues);
    // Two descriptors are the headers'.
    config.set(SEG_MAX, 4, REQUEST_QUEUE_SIZE - 2);
    config.set(MAX_SECTORS, 4, DiskBounds.MAX_TRANSFER_BYTES / 512);
    config.set(CMD_PER_LUN, 4, REQUEST_QUEUE_SIZE / 2);
    config.set(EVENT_INFO_SIZE, 4, ScsiEvents.BYTES);
    config.set(MAX_TARGET, 2, ScsiBus.TARGETS - 1);
    config.set(MAX_LUN, 4, ScsiTarget.UNITS - 1);
    setSizes(DEFAULT_SENSE_BYTES, DEFAULT_CDB_BYTES);
  }

  private static int[] queueSizes(int requestQueues) {
    if (requestQueues < 1 || requestQueues > 64) {
      throw new IllegalArgumentException(requestQueues + " queues");
    }
    int[] sizes = new int[FIRST_REQUEST_QUEUE + requestQueues];
    Arrays.fill(sizes, REQUEST_QUEUE_SIZE);
    sizes[CONTROL_QUEUE] = CONTROL_QUEUE_SIZE;
    sizes[EVENT_QUEUE] = CONTROL_QUEUE_SIZE;
    return sizes;
  }

  private void setSizes(int sense, int cdb) {
    senseBytes = sense;
    cdbBytes = cdb;
    config.set(SENSE_SIZE, 4, sense);
    config.set(CDB_SIZE, 4, cdb);
  }

  /**
   * Plugs a unit in, while the machine is built or runs; any thread.
   *
   * @param unit closed with the controller, unless it was taken out
   * @throws IllegalArgumentException when there is no such place, or it is taken
   */
  public void attach(int target, int lun, LogicalUnit unit) {
    bus.attach(target, lun, unit);
    unit.onNews(news -> changed(target, lun, news));
    unit.onLimitChange(this::reconsider);
    if (isDriven() && hasFeature(F_HOTPLUG)) {
      events.send(ScsiEvents.TRANSPORT_RESET, target, lun, ScsiEvents.RESET_RESCAN);
    }
  }

  /** Takes a unit out when its commands are done, and closes it; any thread. */
  public void detach(int target, int lun) throws IOException {
    LogicalUnit unit = bus.detach(target, lun);
    if (unit == null) {
      return;
    }
    if (isDriven() && hasFeature(F_HOTPLUG)) {
      events.send(ScsiEvents.TRANSPORT_RESET, target, lun, ScsiEvents.RESET_REMOVED);
    }
    for (int i = 0; i < requests.length; i++) {
      VirtioQueue queue = queue(FIRST_REQUEST_QUEUE + i);
      queue.lock();
      queue.unlock();
    }
    // What waits for the unit's limits finds that there is no unit.
    reconsider();
    unit.close();
  }

  /** The CD drives, in the order of their places. */
  public List<CdDrive> drives() {
    return bus.units().stream()
        .map(ScsiBus.Place::unit)
        .filter(CdDrive.class::isInstance)
        .map(CdDrive.class::cast)
        .toList();
  }

  private void changed(int target, int lun, Sense news) {
    if (isDriven() && hasFeature(F_CHANGE)) {
      int reason = news.code() | news.qualifier() << 8;
      events.send(ScsiEvents.PARAMETER_CHANGE, target, lun, reason);
    }
  }

  @Override
  protected VirtioConfig config() {
    return config;
  }

  @Override
  protected void configWritten(int offset, int size, long value) {
    if (size != 4) {
      return;
    }
    if (offset == SENSE_SIZE && value >= 0 && value <= MAX_SENSE_BYTES) {
      setSizes((int) value, cdbBytes);
    } else if (offset == CDB_SIZE && value >= 0 && value <= MAX_CDB_BYTES) {
      setSizes(senseBytes, (int) value);
    }
  }

  @Override
  protected void deactivated() {
    events.clear();
    setSizes(DEFAULT_SENSE_BYTES, DEFAULT_CDB_BYTES);
  }

  @Override
  protected boolean isServed(int queue) {
    return queue != EVENT_QUEUE;
  }

  @Override
  protected void notified(VirtioQueue queue) {
    events.buffersAdded();
  }

  @Override
  protected long serve(VirtioQueue queue, DescriptorChain chain) {
    long written =
        queue.index() == CONTROL_QUEUE
            ? serveControl(chain)
            : requests[queue.index() - FIRST_REQUEST_QUEUE].serve(chain, cdbBytes, senseBytes);
    if (written == ScsiRequest.MALFORMED) {
      needsReset();
      return 0;
    }
    return written;
  }

  @Override
  protected boolean isServedAtOnce(int queue) {
    return queue >= FIRST_REQUEST_QUEUE;
  }

  @Override
  protected long serveAtOnce(VirtioQueue queue, DescriptorChain chain) {
    return requests[queue.index() - FIRST_REQUEST_QUEUE].serveAtOnce(chain, cdbBytes, senseBytes);
  }

  private long serveControl(DescriptorChain chain) {
    IoVector out = chain.readable();
    if (out.bytes() < NOTIFICATION_BYTES || chain.writable().bytes() < 1) {
      return ScsiRequest.MALFORMED;
    }
    int length = (int) Math.min(out.bytes(), TASK_MANAGEMENT_BYTES);
    out.copyTo(0, control, 0, length);
    return switch (little(0)) {
      case TASK_MANAGEMENT ->
          length < TASK_MANAGEMENT_BYTES ? ScsiRequest.MALFORMED : manage(chain.writable());
      case NOTIFICATION_QUERY, NOTIFICATION_SUBSCRIBE -> answerNotification(chain.writable());
      default -> {
        chain.writable().fill(0, 1, ScsiResponse.FAILURE);
        yield 1;
      }
    };
  }

  private int little(int offset) {
    return control[offset] & 0xff
        | (control[offset + 1] & 0xff) << 8
        | (control[offset + 2] & 0xff) << 16
        | control[offset + 3] << 24;
  }

  private long manage(IoVector answer) {
    int response = ScsiResponse.BAD_TARGET;
    if (LunAddress.isOfTarget(control, ADDRESS_IN_TASK_MANAGEMENT)) {
      response =
          tasks.manage(
              little(4),
              LunAddress.target(control, ADDRESS_IN_TASK_MANAGEMENT),
              LunAddress.lun(control, ADDRESS_IN_TASK_MANAGEMENT),
              ScsiRequest.little(control, TAG));
    }
    if (response < 0) {
      return LATER;
    }
    answer.fill(0, 1, (byte) response);
    return 1;
  }

  /** There are no asynchronous notifications to be had of any unit. */
  private long answerNotification(IoVector answer) {
    if (answer.bytes() < NOTIFICATION_ANSWER_BYTES) {
      return ScsiRequest.MALFORMED;
    }
    byte response = ScsiResponse.BAD_TARGET;
    if (LunAddress.isOfTarget(control, ADDRESS_IN_NOTIFICATION)) {
      ScsiTarget target = bus.target(LunAddress.target(control, ADDRESS_IN_NOTIFICATION));
      if (target != null) {
        boolean isThere = target.unit(LunAddress.lun(control, ADDRESS_IN_NOTIFICATION)) != null;
        response = isThere ? ScsiResponse.OK : ScsiResponse.INCORRECT_LUN;
      }
    }
    answer.fill(0, 4, (byte) 0);
    answer.fill(4, 1, response);
    return NOTIFICATION_ANSWER_BYTES;
  }

  private boolean drainAll() {
    for (int i = 0; i < requests.length; i++) {
      drain(FIRST_REQUEST_QUEUE + i);
    }
    for (int i = 0; i < requests.length; i++) {
      if (isHeld(FIRST_REQUEST_QUEUE + i)) {
        return false;
      }
    }
    return mayWork();
  }

  @Override
  public void reset() {
    super.reset();
    bus.units().forEach(place -> place.unit().powerOn());
  }

  @Override
  public void save(SnapshotWriter writer) {
    super.save(writer);
    SnapshotWriter.Section section = writer.section(id() + ".virtio-scsi", SECTION_VERSION);
    section.put(senseBytes);
    section.put(cdbBytes);
    events.save(section);
    bus.units().forEach(place -> place.unit().save(writer));
  }

  @Override
  public void restore(SnapshotReader reader) {
    super.restore(reader);
    SnapshotReader.Section section = reader.section(id() + ".virtio-scsi", SECTION_VERSION);
    setSizes(
        Math.clamp(section.getInt(), 0, MAX_SENSE_BYTES),
        Math.clamp(section.getInt(), 0, MAX_CDB_BYTES));
    events.restore(section);
    bus.units().forEach(place -> place.unit().restore(reader));
  }

  @Override
  public void close() {
    super.close();
    for (ScsiBus.Place place : bus.units()) {
      try {
        place.unit().close();
      } catch (IOException failure) {
        System.getLogger(VirtioScsi.class.getName())
            .log(System.Logger.Level.ERROR, "closing disk " + place.unit().id(), failure);
      }
    }
  }
}
