package org.maloca.machine.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.cpu.VcpuExit;
import org.maloca.machine.boot.BootException;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.ConfigException;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;

/** Machines whose CPU is a script; ports are those of a PC. */
@Timeout(60)
final class VmTest {
  private static final int RESET_CONTROL = 0xcf9;
  private static final int PM1_STATUS = 0x600;
  private static final int PWRBTN_STS = 1 << 8;
  private static final int PM1_CONTROL = 0x604;
  private static final int SLP_EN_S5 = 1 << 13;

  private final AtomicInteger starts = new AtomicInteger();

  @TempDir Path folder;

  /** A flat multiboot image that is loaded to 1 MiB. */
  private Path kernel() throws IOException {
    ByteBuffer image = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    image.putInt(0x1badb002).putInt(0x10000).putInt(-(0x1badb002 + 0x10000));
    image.putInt(0x100000).putInt(0x100000).putInt(0).putInt(0).putInt(0x100020);
    return Files.write(folder.resolve("kernel"), image.array());
  }

  private MachineConfig config(boolean reboots, DeviceConfig... devices) throws IOException {
    BootConfig boot = new BootConfig(kernel(), List.of(), "");
    return new MachineConfig("test", 16 << 20, 2, boot, List.of(devices), reboots);
  }

  private Vm create(MachineConfig config, ScriptedCpu.Script script)
      throws BootException, IOException {
    return Vm.create(
        config, (cpus, pages, clock) -> ScriptedCpu.accelerator(script, starts), CharBackend.NONE);
  }

  private VmExit run(MachineConfig config, ScriptedCpu.Script script) throws Exception {
    try (Vm vm = create(config, script)) {
      vm.start();
      return vm.await();
    }
  }

  @Test
  void powersOffByAcpi() throws Exception {
    VmExit exit =
        run(
            config(true),
            (bus, entry) -> {
              bus.portWrite(PM1_CONTROL, 2, SLP_EN_S5);
              return VcpuExit.KICKED;
            });
    assertEquals(VmExit.Reason.SHUTDOWN, exit.reason());
  }

  @Test
  void tellsTheDebugExitCode() throws Exception {
    VmExit exit =
        run(
            config(true, new DeviceConfig.DebugExit(0x501)),
            (bus, entry) -> {
              bus.portWrite(0x501, 1, 0x10);
              return VcpuExit.KICKED;
            });
    assertEquals(new VmExit(VmExit.Reason.DEBUG_EXIT, 0x21, ""), exit);
  }

  @Test
  void startsTheKernelAgainWhenTheGuestResets() throws Exception {
    List<Long> entries = Collections.synchronizedList(new ArrayList<>());
    VmExit exit =
        run(
            config(true),
            (bus, entry) -> {
              entries.add(entry.rip);
              boolean first = starts.get() == 1;
              bus.portWrite(first ? RESET_CONTROL : PM1_CONTROL, 2, first ? 6 : SLP_EN_S5);
              return VcpuExit.KICKED;
            });
    assertEquals(VmExit.Reason.SHUTDOWN, exit.reason());
    assertEquals(List.of(0x100020L, 0x100020L), entries);
  }

  @Test
  void endsOnResetWhenItDoesNotReboot() throws Exception {
    VmExit exit =
        run(
            config(false),
            (bus, entry) -> {
              bus.portWrite(RESET_CONTROL, 1, 6);
              return VcpuExit.KICKED;
            });
    assertEquals(VmExit.Reason.RESET, exit.reason());
  }

  @Test
  void givesUpAfterThreeTripleFaultsInARow() throws Exception {
    VmExit exit = run(config(true), (bus, entry) -> VcpuExit.SHUTDOWN);
    assertEquals(VmExit.Reason.TRIPLE_FAULT, exit.reason());
    assertEquals(3, starts.get());
  }

  @Test
  void crashesAloneWhenTheEngineFails() throws Exception {
    VmExit exit =
        run(
            config(true),
            (bus, entry) -> {
              throw new IllegalStateException("broken");
            });
    assertEquals(VmExit.Reason.CRASH, exit.reason());
    assertTrue(exit.detail().contains("broken"), exit.detail());
  }

  @Test
  void pausesAndResumesThenLosesPower() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    List<VmState> seen = Collections.synchronizedList(new ArrayList<>());
    try (Vm vm =
        create(
            config(true),
            (bus, entry) -> {
              running.countDown();
              return VcpuExit.KICKED;
            })) {
      vm.addListener(
          new VmListener() {
            @Override
            public void stateChanged(VmState state) {
              seen.add(state);
            }
          });
      vm.start();
      running.await();
      vm.pause();
      vm.pause();
      vm.resume();
      vm.powerOff();
      assertEquals(VmExit.Reason.USER, vm.await().reason());
      vm.start();
      vm.reset();
    }
    assertEquals(List.of(VmState.RUNNING, VmState.PAUSED, VmState.RUNNING, VmState.STOPPED), seen);
    assertEquals(1, starts.get());
  }

  @Test
  void showsTheGuestThatThePowerButtonWasPressed() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    try (Vm vm =
        create(
            config(true),
            (bus, entry) -> {
              running.countDown();
              while ((bus.portRead(PM1_STATUS, 2) & PWRBTN_STS) == 0) {
                Thread.onSpinWait();
              }
              bus.portWrite(PM1_CONTROL, 2, SLP_EN_S5);
              return VcpuExit.KICKED;
            })) {
      vm.start();
      running.await();
      vm.pressPowerButton();
      assertEquals(VmExit.Reason.SHUTDOWN, vm.await().reason());
    }
  }

  @Test
  void letsNoVcpuRunBeforeItsStart() throws Exception {
    try (Vm vm = create(config(true), (bus, entry) -> VcpuExit.KICKED)) {
      assertEquals(VmState.CREATED, vm.state());
    }
    assertEquals(0, starts.get());
  }

  @Test
  void refusesDebugExitOnAPortThatIsTaken() throws Exception {
    MachineConfig config = config(true, new DeviceConfig.DebugExit(0x60));
    assertTrue(
        assertThrows(ConfigException.class, () -> create(config, (bus, entry) -> VcpuExit.KICKED))
            .getMessage()
            .contains("0x60 is taken"));
  }
}
