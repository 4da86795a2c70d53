package org.maloca.fuzz;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.Optional;

/**
 * The format of recorded cases, inside gzip.
 *
 * <pre>
 * file   magic "MLCV"(u32 big-endian)  version 1(u8)  batches...  0xff(u8)
 * batch  kind(u8)  cases(i32)  case...
 * case   input delta, result delta
 * delta  mask length(u8)  mask bytes  one i64 for each mask bit
 * </pre>
 *
 * A delta is the exclusive or, by eight bytes, with a prediction: of an input, the input before it;
 * of a result, a case that completed and changed nothing. Bit n of the mask is the n-th eight bytes
 * of the layout in {@link CaseLayout}.
 */
final class VectorCodec {
  private static final int MAGIC = 0x4d4c4356;
  private static final int VERSION = 1;
  private static final int END = 0xff;
  private static final int FX_END = 416;

  private VectorCodec() {}

  static void writeHeader(DataOutputStream out) throws IOException {
    out.writeInt(MAGIC);
    out.writeByte(VERSION);
  }

  static void writeEnd(DataOutputStream out) throws IOException {
    out.writeByte(END);
  }

  /** Writes a batch with its results; clears whatever of its structures has no meaning. */
  static void write(DataOutputStream out, CaseBatch batch) throws IOException {
    out.writeByte(batch.kind().ordinal());
    out.writeInt(batch.size());
    var input = new long[batch.kind().inputStride() / 8];
    var result = new long[batch.kind().resultStride() / 8];
    for (int i = 0; i < batch.size(); i++) {
      clearUnused(batch, i);
      for (int word = 0; word < input.length; word++) {
        input[word] ^= batch.inputLong(i, word * 8);
      }
      writeDelta(out, input);
      for (int word = 0; word < input.length; word++) {
        input[word] = batch.inputLong(i, word * 8);
      }
      for (int word = 0; word < result.length; word++) {
        result[word] = batch.resultLong(i, word * 8) ^ predicted(batch, i, word * 8);
      }
      writeDelta(out, result);
    }
  }

  static void readHeader(DataInputStream in) throws IOException {
    if (in.readInt() != MAGIC || in.readByte() != VERSION) {
      throw new IOException("not recorded cases of version " + VERSION);
    }
  }

  /** The next batch with its results. */
  static Optional<CaseBatch> read(DataInputStream in) throws IOException {
    int kindCode = in.readUnsignedByte();
    if (kindCode == END) {
      return Optional.empty();
    }
    var kind = CaseKind.values()[kindCode];
    int size = in.readInt();
    var batch = CaseBatch.in(Arena.ofAuto(), kind, size);
    batch.size(size);
    var input = new long[kind.inputStride() / 8];
    var result = new long[kind.resultStride() / 8];
    for (int i = 0; i < size; i++) {
      readDelta(in, input);
      for (int word = 0; word < input.length; word++) {
        input[word] ^= i == 0 ? 0 : batch.inputLong(i - 1, word * 8);
        batch.inputLong(i, word * 8, input[word]);
      }
      readDelta(in, result);
      for (int word = 0; word < result.length; word++) {
        batch.resultLong(i, word * 8, result[word] ^ predicted(batch, i, word * 8));
      }
    }
    return Optional.of(batch);
  }

  /** What a result holds at {@code at} if the case completed without a change. */
  private static long predicted(CaseBatch batch, int index, int at) {
    var kind = batch.kind();
    if (at < CaseLayout.MXCSR) {
      return batch.inputLong(index, at);
    } else if (at == CaseLayout.MXCSR) {
      return batch.mxcsr(index) & 0xffffffffL;
    } else if (at == CaseLayout.RESULT_RIP) {
      return batch.codeGva(index) + batch.codeLength(index);
    } else if (at == CaseLayout.RESULT_VECTOR) {
      return CaseBatch.NO_FAULT & 0xffffffffL;
    }
    int fp = at - kind.resultFp();
    return kind != CaseKind.GPR && fp >= 0 && fp < fpBytes(kind) ? batch.fpLong(index, fp) : 0;
  }

  private static int fpBytes(CaseKind kind) {
    return kind == CaseKind.X87 ? FX_END : 256;
  }

  private static void clearUnused(CaseBatch batch, int index) {
    var kind = batch.kind();
    for (int at = batch.patchLength(index); at < kind.patchCapacity(); at++) {
      batch.patchByte(index, at, 0);
    }
    int used = Math.min(batch.memoryLength(index), kind.memoryCapacity());
    for (int at = used; at < kind.memoryCapacity(); at++) {
      batch.memoryByte(index, at, 0);
    }
    int fpEnd = kind == CaseKind.GPR ? 0 : fpBytes(kind);
    for (int at = kind.resultFp() + fpEnd; at < kind.resultStride(); at += 8) {
      batch.resultLong(index, at, 0);
    }
    batch.resultLong(
        index, CaseLayout.MXCSR, batch.resultLong(index, CaseLayout.MXCSR) & 0xffffffffL);
    batch.resultLong(index, CaseLayout.RESULT_MEMORY_HASH + 8, 0);
  }

  private static void writeDelta(DataOutputStream out, long[] delta) throws IOException {
    var mask = new BitSet();
    for (int i = 0; i < delta.length; i++) {
      mask.set(i, delta[i] != 0);
    }
    byte[] bytes = mask.toByteArray();
    out.writeByte(bytes.length);
    out.write(bytes);
    for (int i = mask.nextSetBit(0); i >= 0; i = mask.nextSetBit(i + 1)) {
      out.writeLong(delta[i]);
    }
  }

  private static void readDelta(DataInputStream in, long[] delta) throws IOException {
    byte[] bytes = in.readNBytes(in.readUnsignedByte());
    var mask = BitSet.valueOf(bytes);
    for (int i = 0; i < delta.length; i++) {
      delta[i] = mask.get(i) ? in.readLong() : 0;
    }
  }
}
