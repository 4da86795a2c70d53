/** The virtio disk. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.block;
