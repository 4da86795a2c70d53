/** What 8-bit devices on the ISA bus share. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.isa;
