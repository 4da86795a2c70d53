package org.maloca.fuzz.share;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.maloca.core.memory.IoVector;
import org.maloca.devices.virtio.ninep.NinepConfig;
import org.maloca.devices.virtio.ninep.NinepServer;
import org.maloca.fuzz.guided.FuzzTarget;
import org.maloca.fuzz.guided.Input;
import org.maloca.fuzz.guided.Output;

/**
 * Sessions of 9P messages: for each a length of two bytes, then the message as it comes. Each must
 * be answered by a message with a right header, and nothing outside the folder may be touched.
 */
public final class NinepTarget implements FuzzTarget {
  private static final int ROOM = 1 << 14;
  private static final int HEADER_BYTES = 7;
  private static final int RLERROR = 7;
  private static final int MAX_MESSAGES = 64;
  private static final NinepConfig.Limits LIMITS = new NinepConfig.Limits(50, 30, 20, 100_000);

  private final SharedPlace place = new SharedPlace();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment request = arena.allocate(ROOM);
  private final MemorySegment reply = arena.allocate(ROOM);
  private final IoVector readable = new IoVector();
  private final IoVector writable = new IoVector();

  /** Makes a place for folders. */
  public NinepTarget() throws IOException {}

  @Override
  public long run(byte[] bytes) throws IOException {
    place.fill();
    long accepted = 0;
    Input input = new Input(bytes);
    try (NinepServer server = NinepServer.open(new NinepConfig(place.folder(), false, LIMITS))) {
      for (int i = 0; i < MAX_MESSAGES && input.hasMore(); i++) {
        byte[] message = input.take(Math.min(ROOM, input.u16()));
        accepted += send(server, message) ? 1 : 0;
      }
    }
    place.checkAndClear();
    return accepted;
  }

  private boolean send(NinepServer server, byte[] message) {
    MemorySegment.copy(MemorySegment.ofArray(message), 0, request, 0, message.length);
    readable.clear();
    writable.clear();
    readable.add(request.address(), message.length);
    writable.add(reply.address(), ROOM);
    long length = server.serve(readable, writable);
    if (length == 0 && message.length < HEADER_BYTES) {
      return false;
    }
    byte[] header = new byte[HEADER_BYTES];
    writable.copyTo(0, header, 0, HEADER_BYTES);
    Input answer = new Input(header);
    boolean isWhole = answer.i32() == length && length >= HEADER_BYTES && length <= ROOM;
    int type = answer.u8();
    boolean isOfTag = answer.u16() == ((message[5] & 0xff) | (message[6] & 0xff) << 8);
    boolean isAnswer = type == RLERROR || type == (message[4] + 1 & 0xff);
    if (!isWhole || !isOfTag || !isAnswer) {
      throw new IllegalStateException(
          "to type %d the answer %d of %d bytes".formatted(message[4], type, length));
    }
    return type != RLERROR;
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (List<byte[]> session : NinepRequests.sessions()) {
      Output output = new Output();
      session.forEach(message -> output.u16(message.length).bytes(message));
      seeds.add(output.toByteArray());
    }
    return seeds;
  }

  @Override
  public void close() throws IOException {
    arena.close();
    place.close();
  }
}
