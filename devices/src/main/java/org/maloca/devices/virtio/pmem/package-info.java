/** Persistent memory. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.pmem;
