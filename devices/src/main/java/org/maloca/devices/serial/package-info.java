/** The 16550 UART and the PC's serial ports. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.serial;
