package org.maloca.cli.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlSocketTest {
  @TempDir Path home;

  private Path folder;

  @BeforeEach
  void name() {
    folder = home.resolve("c");
  }

  private RunningMachine only() throws IOException {
    List<RunningMachine> machines = RunningMachine.all(folder);
    assertEquals(1, machines.size());
    return machines.getFirst();
  }

  private static String refusal(RunningMachine machine, String word, String arguments) {
    return String.valueOf(
        assertThrows(MachineRefusal.class, () -> machine.ask(word, arguments)).getMessage());
  }

  @Test
  void carriesAnswersToTheServiceOfTheFirstWord() throws IOException {
    try (ControlSocket socket = ControlSocket.open(folder, "web")) {
      socket.serve("one", arguments -> Optional.of("<" + arguments + ">"));
      socket.serve("two", arguments -> Optional.empty());
      RunningMachine machine = only();
      assertEquals("web", machine.name());
      assertEquals(Optional.of("<a b\n >"), machine.ask("one", "a b\n "));
      assertEquals(Optional.of("<>"), machine.ask("one", ""));
      assertEquals(Optional.empty(), machine.ask("two", "a"));
      assertEquals(Optional.empty(), machine.ask("three", "a"));
    }
    assertEquals(List.of(), RunningMachine.all(folder));
  }

  @Test
  void whateverGoesWrongIsToldToWhoAskedAndEndsNothing() throws IOException {
    try (ControlSocket socket = ControlSocket.open(folder, "web")) {
      socket.serve(
          "input",
          arguments -> {
            throw new IOException("not that");
          });
      socket.serve(
          "state",
          arguments -> {
            throw new IllegalStateException("not now");
          });
      socket.serve(
          "silent",
          arguments -> {
            throw new IllegalStateException();
          });
      socket.serve("well", Optional::of);
      RunningMachine machine = only();
      assertEquals("not that", refusal(machine, "input", ""));
      assertEquals("not now", refusal(machine, "state", ""));
      assertEquals("java.lang.IllegalStateException", refusal(machine, "silent", ""));
      assertEquals("more than 65535 bytes", refusal(machine, "well", "x".repeat(65536 - 5)));
      assertEquals(Optional.of("yes"), machine.ask("well", "yes"));
    }
  }

  @Test
  void machinesOfOneNameAreAllThereTheLastFirst() throws IOException {
    try (ControlSocket first = ControlSocket.open(folder, "web");
        ControlSocket second = ControlSocket.open(folder, "web")) {
      first.serve("who", arguments -> Optional.of("first"));
      second.serve("who", arguments -> Optional.of("second"));
      List<RunningMachine> machines = RunningMachine.all(folder);
      assertEquals(2, machines.size());
      assertEquals(Optional.of("second"), machines.getFirst().ask("who", ""));
      assertEquals(Optional.of("first"), machines.getLast().ask("who", ""));
      second.close();
      assertEquals(Optional.of("first"), only().ask("who", ""));
      assertEquals(Optional.empty(), machines.getFirst().ask("who", ""));
    }
  }

  @Test
  void namesThatNoHostMayHaveLeadNowhereElse() throws IOException {
    try (ControlSocket socket = ControlSocket.open(folder, "../my.vm")) {
      socket.serve("one", Optional::of);
      assertEquals("---my-vm", only().name());
      assertEquals(Optional.of("a"), only().ask("one", "a"));
    }
  }

  @Test
  void pathsThatAreTooLongAreSaidToBe() {
    Path deep = folder.resolve("d".repeat(120));
    assertThrows(IOException.class, () -> ControlSocket.open(deep, "web"));
  }

  /** What a machine leaves behind that is killed. */
  private Path abandoned(String name) throws IOException {
    Files.createDirectories(folder);
    Path left = folder.resolve(RunningMachine.fileName(name, 1));
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(left));
    }
    return left;
  }

  private static void makeOld(Path socket) throws IOException {
    Files.setLastModifiedTime(socket, FileTime.from(Instant.now().minusSeconds(60)));
  }

  @Test
  void whatAKilledMachineLeftIsClearedAwayByWhoAsksButNotWhatIsBeingMade() throws IOException {
    Path left = abandoned("web");
    RunningMachine machine = only();
    assertEquals(Optional.empty(), machine.ask("one", "a"));
    assertTrue(Files.exists(left));
    makeOld(left);
    assertEquals(Optional.empty(), machine.ask("one", "a"));
    assertFalse(Files.exists(left));
  }

  @Test
  void whatAKilledMachineLeftIsClearedAwayByWhoListsMachinesOrStartsOne() throws IOException {
    makeOld(abandoned("web"));
    assertEquals(List.of(), RunningMachine.all(folder));
    Path left = abandoned("web");
    makeOld(left);
    try (ControlSocket other = ControlSocket.open(folder, "shop")) {
      other.serve("one", Optional::of);
      assertFalse(Files.exists(left));
      makeOld(only().socket());
      assertEquals(Optional.of("a"), only().ask("one", "a"), "one that listens stays");
    }
  }

  /** As the socket of a process that was stopped: the kernel takes all that is sent to it. */
  @Test
  void aMachineThatStandsStillHoldsNobodyUp() throws IOException {
    Path socket = Files.createDirectory(folder).resolve(RunningMachine.fileName("web", 1));
    try (ServerSocketChannel stopped = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      stopped.bind(UnixDomainSocketAddress.of(socket), 1);
      makeOld(socket);
      // The last ones are not even connected any more.
      for (int i = 0; i < 4; i++) {
        MachineSilence silence =
            assertThrows(
                MachineSilence.class, () -> only().ask("port", "list", Duration.ofMillis(50)));
        assertEquals(
            "the machine 'web' does not answer: its process may be stopped", silence.getMessage());
      }
    }
  }

  @Test
  void clientsAreToldThatTheirRequestIsBeingWorkedOn() throws IOException {
    CountDownLatch told = new CountDownLatch(1);
    try (ControlSocket socket = ControlSocket.open(folder, "web");
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.serve(
          "slow",
          arguments -> {
            try {
              told.await();
            } catch (InterruptedException ending) {
              throw new IOException(ending);
            }
            return Optional.of("yes");
          });
      client.connect(UnixDomainSocketAddress.of(only().socket()));
      Exchange.write(client, "slow ");
      client.shutdownOutput();

      String answer = Exchange.read(client, told::countDown);

      assertTrue(answer.matches("[.]+[+]yes"), answer);
    }
  }

  @Test
  void signsOfWorkAreNoPartOfTheAnswer() throws IOException {
    Path path = Files.createDirectory(folder).resolve(RunningMachine.fileName("web", 1));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Thread.ofVirtual()
          .start(() -> {
            try (SocketChannel client = server.accept()) {
              Exchange.read(client);
              Exchange.write(client, "..");
              Exchange.write(client, ".+...yes");
            } catch (IOException failure) {
              throw new UncheckedIOException(failure);
            }
          });
      assertEquals(Optional.of("...yes"), only().ask("slow", ""));
    }
  }
}
