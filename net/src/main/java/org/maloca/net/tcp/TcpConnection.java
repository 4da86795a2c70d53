package org.maloca.net.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.maloca.net.ethernet.SwitchPort;
import org.maloca.net.icmp.IcmpErrors;
import org.maloca.net.ip.IpHeaders;
import org.maloca.net.ip.IpPacket;
import org.maloca.net.nat.Flow;
import org.maloca.net.nat.Timers;

/**
 * A TCP connection of a guest (RFC 9293), spliced to one of the host's: the guest's SYN is answered
 * once the host is connected, each side's end and reset is passed on to the other, and neither side
 * is read faster than the other takes. Guarded by the network's lock.
 */
public final class TcpConnection extends Flow {
  private static final long ACK_DELAY_NANOS = 20_000_000L;
  private static final long CONNECT_NANOS = 75_000_000_000L;
  private static final long TIME_WAIT_NANOS = 2_000_000_000L;
  private static final long KEEP_ALIVE_NANOS = 7_200_000_000_000L;
  private static final long KEEP_ALIVE_PROBE_NANOS = 75_000_000_000L;
  private static final long STARVED_NANOS = 20_000_000L;
  private static final int MAX_KEEP_ALIVE_PROBES = 9;
  private static final long TIMESTAMP_LIFE_NANOS = 24 * 86_400_000_000_000L;
  private static final int MAX_SYN_TRIES = 6;
  private static final int MAX_TRIES = 15;
  private static final int TURN_BYTES = 512 * 1024;
  private static final int DEFAULT_MSS = 536;
  private static final int MIN_MSS = 88;

  private enum State {
    CONNECTING,
    SYN_RECEIVED,
    SYN_SENT,
    ESTABLISHED,
    TIME_WAIT,
    CLOSED
  }

  final SendSide send;
  final ReceiveSide receive;
  int lastSequence;
  int lastSentBytes;

  private final TcpNat nat;
  private final HostStream host;
  private int guestInitial;
  private State state = State.CONNECTING;
  private boolean isScaled;
  private boolean hasSack;
  private boolean hasTimestamps;
  private int recentTimestamp;
  private long recentTimestampNanos;
  private int lastAcknowledged;
  private boolean needsAck;
  private boolean isHostDone;
  private boolean isHostShut;
  boolean isWaiting;

  private final int timestampStart;
  private long startedNanos;
  private long heardNanos;
  private long repeatNanos = Timers.NEVER;
  private long probeNanos = Timers.NEVER;
  private long ackNanos = Timers.NEVER;
  private long starvedNanos = Timers.NEVER;
  private long overNanos = Timers.NEVER;
  private int probes;
  private int keepAliveProbes;

  TcpConnection(
      TcpNat nat,
      HostStream host,
      SwitchPort port,
      long guestMac,
      long guestHigh,
      long guestLow,
      int guestPort,
      long remoteHigh,
      long remoteLow,
      int remotePort) {
    super(port, false, guestMac, guestHigh, guestLow, guestPort, remoteHigh, remoteLow, remotePort);
    this.nat = nat;
    this.host = host;
    timestampStart = nat.newSequence();
    send = new SendSide(nat.pool());
    receive = new ReceiveSide(nat.pool());
  }

  boolean offersScale() {
    return isScaled || state == State.SYN_SENT;
  }

  boolean offersSack() {
    return hasSack || state == State.SYN_SENT;
  }

  boolean offersTimestamps() {
    return hasTimestamps || state == State.SYN_SENT;
  }

  /** Our clock for timestamps (RFC 7323, section 5.4): milliseconds from a secret start. */
  int timestamp() {
    return timestamp(nat.loop().nanos());
  }

  private int timestamp(long nowNanos) {
    return timestampStart + (int) (nowNanos / 1_000_000);
  }

  int timestampEcho() {
    return recentTimestamp;
  }

  /** Bytes of options in a segment of data that is sent now. */
  int optionBytes() {
    return SegmentWriter.optionBytes(this);
  }

  int acknowledgement(int flags) {
    if ((flags & TcpSegment.ACK) == 0) {
      return 0;
    }
    lastAcknowledged = receive.next;
    return receive.next;
  }

  int windowField(boolean isSyn) {
    if (isSyn) {
      receive.edge = receive.next + ReceiveSide.MAX_SYN_WINDOW;
      return ReceiveSide.MAX_SYN_WINDOW;
    }
    return receive.offerWindow();
  }

  void putIpHeader(ByteBuffer bytes, long gatewayMac, int payloadBytes) {
    IpHeaders.put(
        bytes,
        guestMac,
        gatewayMac,
        remoteHigh,
        remoteLow,
        guestHigh,
        guestLow,
        IpPacket.TCP,
        payloadBytes);
  }

  long pseudoHeaderSum(int payloadBytes) {
    return IpHeaders.pseudoHeaderSum(
        remoteHigh, remoteLow, guestHigh, guestLow, IpPacket.TCP, payloadBytes);
  }

  /** Whether it has been half open since before a time. */
  boolean isHalfOpenSince(long nanos) {
    return isHalfOpen() && startedNanos - nanos < 0;
  }

  /** Whether the guest has sent no more than its SYN. */
  boolean isHalfOpen() {
    return state == State.CONNECTING || state == State.SYN_RECEIVED;
  }

  boolean isInTimeWait() {
    return state == State.TIME_WAIT;
  }

  // Opening.

  /** The guest has sent a SYN; the host is being connected to. */
  void openFromGuest(TcpSegment syn, boolean isConnected, long nowNanos) throws IOException {
    startedNanos = nowNanos;
    heardNanos = nowNanos;
    takeSynOptions(syn);
    guestInitial = syn.sequence;
    receive.start(syn.sequence, isScaled);
    send.start(nat.newSequence());
    host.open(this, isConnected);
    if (isConnected) {
      hostConnected(nowNanos);
    } else {
      overNanos = nowNanos + CONNECT_NANOS;
      armTimer();
    }
  }

  /** The host has accepted a connection that is for the guest. */
  void openFromHost(long nowNanos) throws IOException {
    startedNanos = nowNanos;
    heardNanos = nowNanos;
    state = State.SYN_SENT;
    send.start(nat.newSequence());
    send.mss = DEFAULT_MSS;
    host.open(this, true);
    sendSyn(nowNanos);
  }

  private void takeSynOptions(TcpSegment syn) {
    int most = isIpv6() ? 1440 : 1460;
    send.mss = syn.mss == 0 ? DEFAULT_MSS : Math.clamp(syn.mss, MIN_MSS, most);
    isScaled = syn.windowScale >= 0;
    send.scale = Math.max(syn.windowScale, 0);
    hasSack = syn.isSackPermitted;
    hasTimestamps = syn.hasTimestamp;
    recentTimestamp = syn.timestamp;
    recentTimestampNanos = heardNanos;
  }

  private void hostConnected(long nowNanos) {
    state = State.SYN_RECEIVED;
    overNanos = Timers.NEVER;
    host.await(0);
    sendSyn(nowNanos);
  }

  private void sendSyn(long nowNanos) {
    boolean isAnswer = state == State.SYN_RECEIVED;
    int flags = isAnswer ? TcpSegment.SYN | TcpSegment.ACK : TcpSegment.SYN;
    if (!nat.writer().send(this, send.initial, flags, 0, 0)) {
      nat.waitForRoom(this);
    }
    repeatNanos = nowNanos + send.timer.timeoutNanos();
    armTimer();
  }

  // From the guest.

  void receive(TcpSegment segment, ByteBuffer frame, long mac, long nowNanos) {
    guestMac = mac;
    heardNanos = nowNanos;
    keepAliveProbes = 0;
    probes = 0;
    bytesFromGuest += segment.dataBytes;
    lastSequence = segment.sequence;
    try {
      switch (state) {
        case CONNECTING -> {
          if (segment.has(TcpSegment.RST)) {
            abortHost();
          }
        }
        case SYN_SENT -> receiveAnswer(segment, nowNanos);
        case SYN_RECEIVED, ESTABLISHED, TIME_WAIT -> receiveSynchronized(segment, frame, nowNanos);
        case CLOSED -> {}
      }
    } catch (IOException hostFailed) {
      abort();
    }
  }

  private void receiveAnswer(TcpSegment segment, long nowNanos) throws IOException {
    boolean hasAck = segment.has(TcpSegment.ACK);
    boolean isAckRight = segment.acknowledgement == send.initial + 1;
    if (hasAck && !isAckRight) {
      return;
    }
    if (segment.has(TcpSegment.RST)) {
      if (hasAck) {
        abortHost();
      }
      return;
    }
    if (!segment.has(TcpSegment.SYN) || !hasAck) {
      return;
    }
    takeSynOptions(segment);
    receive.start(segment.sequence, isScaled);
    establish(segment);
    needsAck = true;
    readHost(nowNanos);
    output(nowNanos);
  }

  private void establish(TcpSegment segment) {
    state = State.ESTABLISHED;
    repeatNanos = Timers.NEVER;
    send.established(segment);
  }

  private void receiveSynchronized(TcpSegment segment, ByteBuffer frame, long nowNanos)
      throws IOException {
    int bytes = segment.dataBytes + (segment.has(TcpSegment.FIN) ? 1 : 0);
    boolean isAcceptable = receive.isAcceptable(segment.sequence, bytes);
    if (hasTimestamps && segment.hasTimestamp && !takeTimestamp(segment, nowNanos)) {
      needsAck = true;
      output(nowNanos);
      return;
    }
    if (segment.has(TcpSegment.RST)) {
      // RFC 5961, section 3.2: only the very next number resets.
      if (segment.sequence == receive.next) {
        abortHost();
      } else if (isAcceptable) {
        needsAck = true;
        output(nowNanos);
      }
      return;
    }
    if (segment.has(TcpSegment.SYN)) {
      if (state == State.SYN_RECEIVED) {
        sendSyn(nowNanos);
      } else {
        needsAck = true;
        output(nowNanos);
      }
      return;
    }
    if (!segment.has(TcpSegment.ACK)) {
      return;
    }
    int ack = segment.acknowledgement;
    if (ack - send.highest > 0 || ack - send.unacknowledged < -ReceiveSide.BUFFER_BYTES * 2) {
      needsAck = true;
      output(nowNanos);
      return;
    }
    if (state == State.SYN_RECEIVED) {
      if (ack != send.initial + 1 || !isAcceptable) {
        return;
      }
      establish(segment);
    }
    needsAck |= !isAcceptable;
    int behind = receive.next - segment.sequence;
    if (isAcceptable || behind >= 0 && behind <= ReceiveSide.BUFFER_BYTES * 2) {
      acknowledged(segment, nowNanos);
    }
    if (isAcceptable && bytes > 0 && state == State.ESTABLISHED) {
      takeData(segment, frame, nowNanos);
    }
    if (state == State.ESTABLISHED) {
      readHost(nowNanos);
    }
    output(nowNanos);
  }

  /**
   * Notes a segment's timestamp; false if the segment is from long ago (RFC 7323, sections 4.3 and
   * 5.3).
   */
  private boolean takeTimestamp(TcpSegment segment, long nowNanos) {
    int newer = segment.timestamp - recentTimestamp;
    boolean isStale = nowNanos - recentTimestampNanos > TIMESTAMP_LIFE_NANOS;
    if (newer < 0 && !isStale && !segment.has(TcpSegment.RST)) {
      return false;
    }
    if ((newer >= 0 || isStale) && segment.sequence - lastAcknowledged <= 0) {
      recentTimestamp = segment.timestamp;
      recentTimestampNanos = nowNanos;
    }
    return true;
  }

  private void acknowledged(TcpSegment segment, long nowNanos) {
    int before = send.unacknowledged;
    long roundTripNanos =
        hasTimestamps && segment.hasTimestamp
            ? (timestamp(nowNanos) - segment.timestampEcho) * 1_000_000L
            : -1;
    send.acknowledge(segment, nowNanos, roundTripNanos);
    if (send.unacknowledged != before) {
      bytesToGuest += send.unacknowledged - before;
      repeatNanos = send.isOutstanding() ? nowNanos + send.timer.timeoutNanos() : Timers.NEVER;
    }
    finishIfDone(nowNanos);
  }

  private void takeData(TcpSegment segment, ByteBuffer frame, long nowNanos) throws IOException {
    needsAck |= receive.take(segment, frame, host);
    needsAck |= receive.isAcknowledgementDue(send.mss);
    if (!needsAck && receive.hasUnacknowledged() && ackNanos == Timers.NEVER) {
      ackNanos = nowNanos + ACK_DELAY_NANOS;
    }
    passEnd(nowNanos);
    nat.used(this);
  }

  /** Ends the host's input once all of the guest's is there. */
  private void passEnd(long nowNanos) throws IOException {
    if (receive.isFinished && !isHostShut && receive.queue.size() == 0) {
      isHostShut = true;
      host.shutdownOutput();
      finishIfDone(nowNanos);
    }
  }

  private void finishIfDone(long nowNanos) {
    if (isHostShut && send.isEndAcknowledged && state == State.ESTABLISHED) {
      state = State.TIME_WAIT;
      overNanos = nowNanos + TIME_WAIT_NANOS;
      repeatNanos = Timers.NEVER;
      probeNanos = Timers.NEVER;
      send.queue.release();
      receive.queue.release();
      host.close();
    }
  }

  // From the host.

  /**
   * The host's side is ready for what is waited for.
   *
   * @param isWritable whether it takes bytes; else, or besides, it may have some
   */
  void ready(boolean isWritable) {
    long nowNanos = nat.loop().nanos();
    try {
      if (state == State.CONNECTING) {
        if (host.finishConnect()) {
          hostConnected(nowNanos);
        }
        return;
      }
      if (isWritable) {
        receive.flush(host);
        passEnd(nowNanos);
        needsAck |= receive.isUpdateDue(send.mss);
      }
      if (state == State.ESTABLISHED) {
        readHost(nowNanos);
        nat.used(this);
      }
      output(nowNanos);
    } catch (IOException failed) {
      if (state == State.CONNECTING) {
        failedToConnect(failed, nowNanos);
      } else {
        abort();
      }
    }
  }

  /** The host's network did not let it be. */
  void failedToConnect(Throwable failure, long nowNanos) {
    nat.refused(port, nowNanos);
    // As a router would where there is no way, which the guest's program is told as such.
    long transportStart =
        (long) guestPort << 48 | (long) remotePort << 32 | guestInitial & 0xffff_ffffL;
    if (failure instanceof IOException why
        && IcmpErrors.isForWantOfAWay(why)
        && nat.errors().unreachable(this, transportStart, why)) {
      abortHost();
    } else {
      abort();
    }
  }

  private void readHost(long nowNanos) throws IOException {
    if (isHostDone) {
      return;
    }
    int room = Math.min(send.bufferRoom(), TURN_BYTES);
    if (room > 0) {
      int count = send.queue.readFrom(host, room);
      starvedNanos = send.queue.isStarved() ? nowNanos + STARVED_NANOS : Timers.NEVER;
      if (count < 0) {
        isHostDone = true;
        send.isEnding = true;
      }
    }
  }

  private void setInterest() {
    if (state != State.ESTABLISHED) {
      return;
    }
    boolean reads = !isHostDone && send.bufferRoom() > 0 && starvedNanos == Timers.NEVER;
    boolean writes = receive.queue.size() > 0;
    host.await((reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0));
  }

  // To the guest.

  /** The guest has room again. */
  void roomAvailable(long nowNanos) {
    switch (state) {
      case SYN_RECEIVED, SYN_SENT -> sendSyn(nowNanos);
      case ESTABLISHED, TIME_WAIT -> output(nowNanos);
      case CONNECTING, CLOSED -> {}
    }
  }

  /** Sends what may be sent, and sets the timer and what to wait for. */
  private void output(long nowNanos) {
    if (state == State.ESTABLISHED || state == State.TIME_WAIT) {
      boolean isSent = state == State.TIME_WAIT || repair(nowNanos) && sendData(nowNanos);
      if (isSent && needsAck) {
        isSent = transmit(send.next, TcpSegment.ACK, 0, 0);
      }
      if (!isSent) {
        nat.waitForRoom(this);
      }
      setProbe(nowNanos);
      setInterest();
    }
    armTimer();
  }

  private boolean transmit(int sequence, int flags, int distance, int bytes) {
    boolean isSent = nat.writer().send(this, sequence, flags, distance, bytes);
    if (isSent) {
      needsAck = false;
      ackNanos = Timers.NEVER;
    }
    return isSent;
  }

  private boolean repair(long nowNanos) {
    int most = SegmentWriter.maxData(port, isIpv6(), send.mss);
    int bytes = send.repairBytes(most);
    while (bytes > 0) {
      int distance = send.repairNext - send.unacknowledged;
      if (!transmit(send.repairNext, TcpSegment.ACK, distance, bytes)) {
        return false;
      }
      send.repaired(lastSentBytes);
      bytes = send.repairBytes(most);
    }
    return true;
  }

  private boolean sendData(long nowNanos) {
    int most = SegmentWriter.maxData(port, isIpv6(), send.mss);
    int turn = TURN_BYTES;
    while (turn > 0) {
      send.skipSelective();
      boolean isAgain = send.highest - send.next > 0;
      int available = send.runEnd() - send.next;
      int usable = send.usableBytes();
      if (isAgain && send.next == send.unacknowledged) {
        usable = Math.max(usable, send.mss);
      }
      int bytes = Math.max(0, Math.min(Math.min(available, usable), most));
      boolean hasEnd = send.isEnding && !send.isEndAcknowledged && send.next + bytes == send.end();
      boolean isSilly = bytes < send.mss && bytes < available && send.next != send.unacknowledged;
      if (bytes <= 0 && !hasEnd || isSilly) {
        break;
      }
      // The end may not fit beside the options, then it goes alone.
      boolean goesAlone = bytes <= send.mss && bytes > send.mss - optionBytes();
      int flags = TcpSegment.ACK;
      flags |= hasEnd && !goesAlone ? TcpSegment.FIN : 0;
      flags |= bytes > 0 && bytes == available ? TcpSegment.PSH : 0;
      if (!transmit(send.next, flags, send.next - send.unacknowledged, bytes)) {
        return false;
      }
      boolean isEndSent = (flags & TcpSegment.FIN) != 0;
      send.sent(lastSentBytes + (isEndSent ? 1 : 0), nowNanos);
      if (repeatNanos == Timers.NEVER) {
        repeatNanos = nowNanos + send.timer.timeoutNanos();
      }
      turn -= lastSentBytes;
      if (isEndSent) {
        break;
      }
    }
    return true;
  }

  /** A link behind the guest takes packets of so many bytes at most. */
  void tooBig(int sequence, int mtuBytes, long nowNanos) {
    boolean isOfOurs = sequence - send.unacknowledged >= 0 && sequence - send.highest < 0;
    int mss = Math.max(mtuBytes - (isIpv6() ? 60 : 40), MIN_MSS);
    if (state == State.ESTABLISHED && isOfOurs && mss < send.mss) {
      send.shrinkSegments(mss);
      output(nowNanos);
    }
  }

  private void setProbe(long nowNanos) {
    boolean isStuck = send.window == 0 && send.queue.size() > 0 && !send.isOutstanding();
    if (!isStuck) {
      probeNanos = Timers.NEVER;
    } else if (probeNanos == Timers.NEVER) {
      probeNanos = nowNanos + send.timer.timeoutNanos();
    }
  }

  // Time.

  private void armTimer() {
    if (state == State.CLOSED) {
      return;
    }
    long due = Math.min(Math.min(repeatNanos, probeNanos), Math.min(ackNanos, starvedNanos));
    due = Math.min(due, overNanos);
    if (state == State.ESTABLISHED) {
      due = Math.min(due, keepAliveDue());
    }
    nat.loop().arm(this, due);
  }

  private long keepAliveDue() {
    return heardNanos + KEEP_ALIVE_NANOS + keepAliveProbes * KEEP_ALIVE_PROBE_NANOS;
  }

  @Override
  protected void expired(long nowNanos) {
    if (overNanos <= nowNanos) {
      abortHost();
      return;
    }
    if (ackNanos <= nowNanos) {
      ackNanos = Timers.NEVER;
      needsAck = true;
    }
    if (repeatNanos <= nowNanos && !repeat(nowNanos)) {
      return;
    }
    if (state == State.ESTABLISHED) {
      if (probeNanos <= nowNanos && !probe(nowNanos)
          || keepAliveDue() <= nowNanos && !keepAlive()) {
        return;
      }
      if (starvedNanos <= nowNanos) {
        try {
          readHost(nowNanos);
        } catch (IOException failed) {
          abort();
          return;
        }
      }
    }
    output(nowNanos);
  }

  private boolean repeat(long nowNanos) {
    boolean isSyn = state != State.ESTABLISHED;
    if (port.isBlocked()) {
      // The guest stands still or is swamped: that is no loss.
      repeatNanos = nowNanos + send.timer.timeoutNanos();
      return true;
    }
    boolean isToGuest = state == State.SYN_SENT;
    if (isToGuest
        ? nowNanos - startedNanos >= CONNECT_NANOS
        : send.timer.backoffs() >= (isSyn ? MAX_SYN_TRIES : MAX_TRIES)) {
      abort();
      return false;
    }
    if (isSyn) {
      // A machine that is starting up is to have no SYN to wait for, and no line suffers from them.
      if (!isToGuest) {
        send.timer.backOff();
      }
      sendSyn(nowNanos);
    } else {
      send.timedOut();
      repeatNanos = nowNanos + send.timer.timeoutNanos();
    }
    return true;
  }

  private boolean probe(long nowNanos) {
    if (!port.isBlocked() && ++probes > MAX_TRIES) {
      abort();
      return false;
    }
    transmit(send.unacknowledged - 1, TcpSegment.ACK, 0, 0);
    long backedOff = send.timer.timeoutNanos() << Math.min(probes, MAX_TRIES);
    probeNanos = nowNanos + Math.min(backedOff, RetransmissionTimer.MAX_NANOS);
    return true;
  }

  private boolean keepAlive() {
    if (!port.isBlocked() && ++keepAliveProbes > MAX_KEEP_ALIVE_PROBES) {
      abort();
      return false;
    }
    transmit(send.unacknowledged - 1, TcpSegment.ACK, 0, 0);
    return true;
  }

  // Ending.

  /** Resets both sides. */
  void abort() {
    if (state != State.CLOSED && state != State.TIME_WAIT) {
      boolean answersSyn = state == State.CONNECTING;
      int flags =
          answersSyn || state != State.SYN_SENT ? TcpSegment.RST | TcpSegment.ACK : TcpSegment.RST;
      int sequence = answersSyn ? 0 : state == State.SYN_SENT ? send.highest : send.next;
      if (!nat.writer().send(this, sequence, flags, 0, 0)) {
        port.noteDropped();
      }
    }
    abortHost();
  }

  /** Resets the host's side and forgets the connection. */
  private void abortHost() {
    if (state == State.CLOSED) {
      return;
    }
    if (state == State.TIME_WAIT) {
      host.close();
    } else {
      host.reset();
    }
    state = State.CLOSED;
    send.queue.release();
    receive.queue.release();
    nat.loop().remove(this);
    nat.forget(this);
  }

  @Override
  public void evict() {
    abort();
  }
}
