/** Address assignment: DHCPv4, DHCPv6 and IPv6 router advertisements. Codecs and state, no I/O. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.dhcp;
