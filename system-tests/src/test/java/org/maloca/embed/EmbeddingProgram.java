package org.maloca.embed;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.maloca.core.backend.CharBackend;
import org.maloca.core.jvm.JitCompiler;
import org.maloca.core.memory.HostMemory;
import org.maloca.machine.board.Accelerators;
import org.maloca.machine.config.BootConfig;
import org.maloca.machine.config.DeviceConfig;
import org.maloca.machine.config.MachineConfig;
import org.maloca.machine.lifecycle.Vm;
import org.maloca.machine.lifecycle.VmExit;

/**
 * A program that embeds Maloca: runs a small kernel twice and prints what came of it. Run in a JVM
 * of its own by {@link EmbeddedWithoutFlagsTest}.
 */
public final class EmbeddingProgram {
  /**
   * A multiboot kernel, loaded and entered at 1 MiB, that takes a second if nobody translates it:
   *
   * <pre>
   *       mov ecx, 60000000
   * loop: mov [0x200000], ecx
   *       add eax, [0x200000]
   *       dec ecx
   *       jnz loop
   *       mov al, 16
   *       out 0xf4, al            ; (16 &lt;&lt; 1) | 1 = 33
   *       hlt
   * </pre>
   */
  private static final String KERNEL =
      "02b0ad1b 00000100 fe4f51e4"
          + "00001000 00001000 00000000 00000000 20001000"
          + "b900879303 890d00002000 030500002000 49 75f1 b010 e6f4 f4";

  private EmbeddingProgram() {}

  /** Runs with the folder to work in as its argument. */
  public static void main(String[] args) throws Exception {
    Path kernel = Path.of(args[0]).resolve("kernel");
    Files.write(kernel, HexFormat.of().parseHex(KERNEL.replace(" ", "")));
    for (int run = 0; run < 2; run++) {
      System.out.println("exit " + run(kernel));
    }
    System.out.println("memory " + HostMemory.isFast() + ", compiler " + JitCompiler.isAvailable());
  }

  private static String run(Path kernel) throws Exception {
    MachineConfig config =
        new MachineConfig(
            "probe",
            32L << 20,
            1,
            new BootConfig(kernel, List.of(), ""),
            List.of(DeviceConfig.parse("debug-exit")),
            false);
    try (Vm vm = Vm.create(config, Accelerators.software(), new NoConsole())) {
      vm.start();
      VmExit exit = vm.await();
      long made = vm.statistics().value("quick", "made").orElseThrow();
      return exit.reason() + " " + exit.code() + (made > 0 ? " translated" : " interpreted");
    }
  }

  private static final class NoConsole implements CharBackend {
    @Override
    public void connect(Receiver device) {}

    @Override
    public void transmit(byte value) {}

    @Override
    public void close() {}
  }
}
