/** Local APICs, the I/O APIC and the bus between them. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.apic;
