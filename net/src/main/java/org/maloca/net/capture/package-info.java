/** Captures of traffic in pcapng. */
@org.jspecify.annotations.NullMarked
package org.maloca.net.capture;
