/** Ethernet over sockets, in QEMU's wire formats. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.stream;
