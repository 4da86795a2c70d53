/** IPv4 and IPv6: addresses, headers, reassembly. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.ip;
