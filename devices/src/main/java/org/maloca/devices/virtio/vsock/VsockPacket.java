package org.maloca.devices.virtio.vsock;

import org.maloca.core.memory.IoVector;

/** A packet's header (virtio 1.2, section 5.10.6), little-endian. Not thread-safe. */
final class VsockPacket {
  static final int BYTES = 44;

  static final int TYPE_STREAM = 1;

  static final int OP_REQUEST = 1;
  static final int OP_RESPONSE = 2;
  static final int OP_RST = 3;
  static final int OP_SHUTDOWN = 4;
  static final int OP_RW = 5;
  static final int OP_CREDIT_UPDATE = 6;
  static final int OP_CREDIT_REQUEST = 7;

  static final int SHUTDOWN_RECEIVE = 1;
  static final int SHUTDOWN_SEND = 2;

  final byte[] bytes = new byte[BYTES];

  void load(IoVector source) {
    source.copyTo(0, bytes, 0, BYTES);
  }

  long sourceCid() {
    return get(0, 8);
  }

  long targetCid() {
    return get(8, 8);
  }

  int sourcePort() {
    return (int) get(16, 4);
  }

  int targetPort() {
    return (int) get(20, 4);
  }

  long length() {
    return get(24, 4);
  }

  int type() {
    return (int) get(28, 2);
  }

  int operation() {
    return (int) get(30, 2);
  }

  int flags() {
    return (int) get(32, 4);
  }

  int bufferBytes() {
    return (int) get(36, 4);
  }

  int forwarded() {
    return (int) get(40, 4);
  }

  void setAddresses(long sourceCid, int sourcePort, long targetCid, int targetPort) {
    put(0, 8, sourceCid);
    put(8, 8, targetCid);
    put(16, 4, sourcePort);
    put(20, 4, targetPort);
  }

  void setMeaning(int operation, int flags, int length) {
    put(24, 4, length);
    put(28, 2, TYPE_STREAM);
    put(30, 2, operation);
    put(32, 4, flags);
  }

  void setCredit(int bufferBytes, int forwarded) {
    put(36, 4, bufferBytes);
    put(40, 4, forwarded);
  }

  private long get(int offset, int size) {
    long value = 0;
    for (int i = size - 1; i >= 0; i--) {
      value = value << 8 | bytes[offset + i] & 0xff;
    }
    return value;
  }

  private void put(int offset, int size, long value) {
    for (int i = 0; i < size; i++) {
      bytes[offset + i] = (byte) (value >>> 8 * i);
    }
  }
}
