/** The virtio entropy device. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.rng;
