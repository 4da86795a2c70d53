package org.maloca.devices;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.maloca.core.bus.IoHandler;
import org.maloca.core.bus.PortBus;
import org.maloca.core.cpu.VcpuPins;
import org.maloca.core.device.Device;
import org.maloca.core.snapshot.SectionBuffer;
import org.maloca.core.time.ManualClock;
import org.maloca.core.time.TscClock;
import org.maloca.devices.apic.ApicBus;
import org.maloca.devices.apic.IoApic;
import org.maloca.devices.apic.LocalApic;
import org.maloca.devices.apic.LocalApicPage;
import org.maloca.devices.hpet.Hpet;
import org.maloca.devices.pic.PicPair;
import org.maloca.devices.pit.IsaPit;
import org.maloca.devices.pm.AcpiPmBlock;
import org.maloca.devices.pm.PowerEvents;
import org.maloca.devices.rtc.Mc146818Rtc;

/** A guest that writes nonsense to the whole set of interrupt chips and timers, wired together. */
class HostileChipsTest {
  private static final Instant START = Instant.parse("2026-02-28T23:59:58Z");

  /** The chips of a board with one vCPU, which takes whatever interrupt comes. */
  private static final class Chips implements VcpuPins, PowerEvents {
    final ManualClock clock = new ManualClock(START);
    final PortBus ports = new PortBus();
    final ApicBus bus = new ApicBus();
    final LocalApic apic = new LocalApic(bus, 0, 0, clock, new TscClock(clock, 3_000_000_000L));
    final IoApic ioApic = new IoApic(bus, 0);
    final PicPair pics = new PicPair(bus.lint0());
    final Hpet hpet = new Hpet(clock, ioApic::input, pics.input(0), pics.input(8), bus);
    final IsaPit pit = new IsaPit(clock, hpet.pitInput());
    final AcpiPmBlock pm = new AcpiPmBlock(clock, pics.input(9), this);
    final Mc146818Rtc rtc = new Mc146818Rtc(clock, hpet.rtcInput(), pm::rtcAlarmed);
    final LocalApicPage page = new LocalApicPage(bus);
    final List<Device> devices = List.of(apic, ioApic, pics, hpet, pit, rtc, pm);
    boolean interrupt;

    Chips() {
      apic.connect(this);
      bus.connectPic(pics::acknowledge);
      pics.register(ports);
      pit.register(ports);
      rtc.register(ports);
      pm.register(ports, AcpiPmBlock.DEFAULT_PORT);
      bus.enter(0);
    }

    IoHandler at(int port) {
      return paced(
          new IoHandler() {
            @Override
            public long read(int offset, int size) {
              return ports.read(port + offset, size);
            }

            @Override
            public void write(int offset, int size, long value) {
              ports.write(port + offset, size, value);
            }
          });
    }

    /** Lets time pass and takes interrupts between accesses. */
    IoHandler paced(IoHandler device) {
      return new IoHandler() {
        @Override
        public long read(int offset, int size) {
          clock.advance(997);
          return device.read(offset, size) + (interrupt ? apic.acknowledge() : 0);
        }

        @Override
        public void write(int offset, int size, long value) {
          device.write(offset, size, value);
        }
      };
    }

    @Override
    public void setInterrupt(boolean level) {
      interrupt = level;
    }

    @Override
    public void nmi() {}

    @Override
    public void init() {}

    @Override
    public void startup(int vector) {}

    @Override
    public void powerOff() {}

    @Override
    public void reset() {}
  }

  private static final int[] PORTS = {0x20, 0xa0, 0x4d0, 0x40, 0x61, 0x70, 0x600};
  private static final int[] PORT_COUNTS = {2, 2, 2, 4, 1, 2, 0x40};

  private static List<Long> abuse(Chips chips) {
    List<Long> digests = new ArrayList<>();
    for (int i = 0; i < PORTS.length; i++) {
      digests.add(HostileGuest.hammer(chips.at(PORTS[i]), PORT_COUNTS[i], 4, i));
    }
    digests.add(HostileGuest.hammer(chips.paced(chips.page), LocalApicPage.BYTES, 8, 101));
    digests.add(HostileGuest.hammer(chips.paced(chips.ioApic), 0x48, 8, 102));
    digests.add(HostileGuest.hammer(chips.paced(chips.hpet), 0x180, 8, 103));
    digests.add(abuseMsrs(chips));
    return digests;
  }

  private static long abuseMsrs(Chips chips) {
    SplittableRandom random = new SplittableRandom(104);
    long[] value = new long[1];
    long digest = 0;
    for (int i = 0; i < 200_000; i++) {
      int msr = random.nextInt(8) == 0 ? 0x1b : random.nextInt(8) == 0 ? 0x6e0 : 0x800;
      msr += msr == 0x800 ? random.nextInt(256) : 0;
      long written = random.nextLong() >>> random.nextInt(64);
      chips.clock.advance(random.nextInt(1000));
      digest = digest * 31 + (chips.apic.writeMsr(msr, written) ? 1 : 0);
      digest = digest * 31 + (chips.apic.readMsr(msr, value) ? value[0] : 0);
      chips.apic.writeMsr(0x1b, 0xfee0_0800L);
      chips.apic.writeMsr(0x1b, 0xfee0_0c00L);
      digest += chips.apic.acknowledge();
    }
    return digest;
  }

  @Test
  void nonsenseNeverThrowsAndAlwaysAnswersTheSame() {
    assertEquals(abuse(new Chips()), abuse(new Chips()));
  }

  @Test
  void stateAfterAbuseSurvivesASnapshot() {
    Chips chips = new Chips();
    abuse(chips);
    SectionBuffer saved = new SectionBuffer();
    chips.devices.forEach(device -> device.save(saved));
    Chips other = new Chips();

    other.devices.forEach(device -> device.restore(saved.reader()));

    assertArrayEquals(registers(chips), registers(other));
    assertEquals(chips.interrupt, other.interrupt);
  }

  /** What a look at the quiet registers shows. */
  private static long[] registers(Chips chips) {
    long[] value = new long[1];
    long[] seen = new long[0x150];
    for (int i = 0; i < 0x100; i++) {
      seen[i] = chips.apic.readMsr(0x800 + i, value) ? value[0] : -1;
    }
    for (int i = 0; i < 48; i++) {
      chips.ioApic.write(0, 4, 0x10 + i);
      seen[0x100 + i] = chips.ioApic.read(0x10, 4);
    }
    seen[0x130] = chips.ports.read(0x4d0, 2);
    seen[0x131] = chips.ports.read(0x21, 1);
    seen[0x132] = chips.ports.read(0xa1, 1);
    seen[0x133] = chips.hpet.read(0x10, 8);
    seen[0x134] = chips.hpet.read(0xf0, 8);
    seen[0x135] = chips.hpet.read(0x108, 8);
    seen[0x136] = chips.hpet.read(0x128, 8);
    seen[0x137] = chips.hpet.read(0x100, 8);
    seen[0x138] = chips.ports.read(0x600, 4);
    seen[0x139] = chips.ports.read(0x608, 4);
    seen[0x13a] = chips.rtc.cmos(0x0b);
    return seen;
  }
}
