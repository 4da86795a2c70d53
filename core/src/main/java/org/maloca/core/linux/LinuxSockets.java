package org.maloca.core.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.function;

import java.lang.invoke.MethodHandle;

/** System calls on sockets of kinds that the JDK does not have. Safe for any thread. */
public final class LinuxSockets {
  public static final int AF_UNIX = 1;
  public static final int AF_INET = 2;
  public static final int AF_INET6 = 10;
  public static final int SOCK_DGRAM = 2;
  public static final int SOCK_NONBLOCK = 0x800;
  public static final int SOCK_CLOEXEC = 0x80000;
  public static final int IPPROTO_ICMP = 1;
  public static final int IPPROTO_ICMPV6 = 58;
  public static final int MSG_DONTWAIT = 0x40;
  public static final int MSG_ERRQUEUE = 0x2000;

  private static final MethodHandle SOCKET =
      function("socket", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle BIND =
      function("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SETSOCKOPT =
      function("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle SENDTO =
      function("sendto", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle RECVMSG =
      function("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);

  private LinuxSockets() {}

  public static int socket(int domain, int type, int protocol) {
    return (int) call(SOCKET, domain, type, protocol);
  }

  public static int bind(int fd, long sockaddr, int bytes) {
    return (int) call(BIND, fd, sockaddr, bytes);
  }

  public static int setsockopt(int fd, int level, int name, long value, int bytes) {
    return (int) call(SETSOCKOPT, fd, level, name, value, bytes);
  }

  public static long sendto(
      int fd, long address, long length, int flags, long sockaddr, int sockaddrBytes) {
    return call(SENDTO, fd, address, length, flags, sockaddr, sockaddrBytes);
  }

  /** {@code recvmsg(2)} into a {@code struct msghdr}. */
  public static long recvmsg(int fd, long msghdr, int flags) {
    return call(RECVMSG, fd, msghdr, flags);
  }
}
