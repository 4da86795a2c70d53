/** ICMP of both IP versions at the gateway. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.icmp;
