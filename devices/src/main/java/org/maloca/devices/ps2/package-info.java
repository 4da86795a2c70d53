/** The 8042 keyboard controller, the PS/2 keyboard and mouse, and system control port A. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.ps2;
