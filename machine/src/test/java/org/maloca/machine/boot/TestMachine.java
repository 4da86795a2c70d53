package org.maloca.machine.boot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.maloca.core.memory.GuestMemory;
import org.maloca.core.memory.MemoryMap;
import org.maloca.core.memory.MemoryRegion;
import org.maloca.core.memory.RamBlock;

/** RAM of a small PC, for loaders to load into. */
final class TestMachine implements AutoCloseable {
  static final long RSDP = 0xe0000;

  private final RamBlock block;
  private final long bytes;
  final GuestMemory memory;

  TestMachine(long bytes) throws IOException {
    this.bytes = bytes;
    block = RamBlock.allocate(bytes);
    MemoryRegion ram = new MemoryRegion.Ram(0, bytes, block.hostAddress(), 0);
    memory = new GuestMemory(MemoryMap.of(List.of(ram)), (int) (bytes >> 12));
  }

  BootEnvironment environment(String commandLine) {
    return new BootEnvironment(
        memory,
        List.of(
            new E820Entry(0, 0x9fc00, 1),
            new E820Entry(0x9fc00, 0x60400, 2),
            new E820Entry(0x100000, bytes - 0x100000, 1)),
        RSDP,
        commandLine);
  }

  String string(long gpa) {
    StringBuilder text = new StringBuilder();
    for (long at = gpa; memory.read(at, 1) != 0; at++) {
      text.append((char) memory.read(at, 1));
    }
    return text.toString();
  }

  static ByteBuffer image(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Path file(Path folder, String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @Override
  public void close() {
    block.close();
  }
}
