/** UDP through the gateway. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.udp;
