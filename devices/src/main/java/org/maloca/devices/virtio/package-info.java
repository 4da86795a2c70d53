/** Virtio: what all its devices share, and the ways to the guest (OASIS virtio 1.2). */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio;
