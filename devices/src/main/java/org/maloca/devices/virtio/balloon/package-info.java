/** The virtio memory balloon. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.balloon;
