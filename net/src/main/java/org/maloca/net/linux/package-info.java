/** What the JDK does not reach on Linux: TAP interfaces and datagram sockets with a path. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.linux;
