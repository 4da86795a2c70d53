package org.maloca.core.linux;

import static org.maloca.core.linux.CLibrary.call;
import static org.maloca.core.linux.CLibrary.intFunction;
import static org.maloca.core.linux.CLibrary.longFunction;

import org.maloca.core.linux.CLibrary.CFunction;

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

  private static final CFunction SOCKET = intFunction("socket");
  private static final CFunction BIND = intFunction("bind");
  private static final CFunction SETSOCKOPT = intFunction("setsockopt");
  private static final CFunction GETSOCKOPT = intFunction("getsockopt");
  private static final CFunction GETSOCKNAME = intFunction("getsockname");
  private static final CFunction SENDTO = longFunction("sendto");
  private static final CFunction SENDMSG = longFunction("sendmsg");
  private static final CFunction RECVMSG = longFunction("recvmsg");

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

  /** Reads an option to an address; where its size is given, the one that it has is put. */
  public static int getsockopt(int fd, int level, int name, long value, long bytes) {
    return (int) call(GETSOCKOPT, fd, level, name, value, bytes);
  }

  /** Reads the address that a socket is bound to, with its size as for {@link #getsockopt}. */
  public static int getsockname(int fd, long sockaddr, long bytes) {
    return (int) call(GETSOCKNAME, fd, sockaddr, bytes);
  }

  public static long sendto(
      int fd, long address, long length, int flags, long sockaddr, int sockaddrBytes) {
    return call(SENDTO, fd, address, length, flags, sockaddr, sockaddrBytes);
  }

  /** {@code sendmsg(2)} of a {@code struct msghdr}. */
  public static long sendmsg(int fd, long msghdr, int flags) {
    return call(SENDMSG, fd, msghdr, flags);
  }

  /** {@code recvmsg(2)} into a {@code struct msghdr}. */
  public static long recvmsg(int fd, long msghdr, int flags) {
    return call(RECVMSG, fd, msghdr, flags);
  }
}
