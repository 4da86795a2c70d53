/** Packet files in place of a network. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.replay;
