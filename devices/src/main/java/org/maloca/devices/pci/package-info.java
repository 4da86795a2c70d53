/**
 * Conventional PCI and PCI Express configuration space, its access mechanisms, and the chipset's
 * functions.
 */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.pci;
