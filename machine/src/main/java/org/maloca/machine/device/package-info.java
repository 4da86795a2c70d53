/** Devices beyond what a PC always has, as they are put into boards. */
@org.jspecify.annotations.NullMarked
package org.maloca.machine.device;
