/** The virtio network card. */
@org.jspecify.annotations.NullMarked
package org.maloca.devices.virtio.net;
