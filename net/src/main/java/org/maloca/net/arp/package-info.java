/** Address resolution of IPv4. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.arp;
