/** The 8254 timer of a PC and port 0x61. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.pit;
